"""Watching a server: whether it is well, what it answers and how fast; never who asked for what."""

from studyapp.web.watching.start import init_watching

__all__ = ["init_watching"]
