"""Blind user studies and final rankings for image-restoration challenges."""
