"""Screening: which judges deserve a second look, and what the ranking would be without them."""
