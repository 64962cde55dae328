"""Keeping a study: backup, restore, move."""
