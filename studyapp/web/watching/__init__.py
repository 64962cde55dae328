"""Watching a server: whether it is well, what it answers and how fast; never who asked for what."""

from studyapp.web.watching.start import init_watching, note_pages

__all__ = ["init_watching", "note_pages"]
