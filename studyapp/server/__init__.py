"""Serving a study over HTTP: a lock, a socket, and a few processes with threads each."""

from studyapp.server.lock import only_server
from studyapp.server.serving import serve, usual_workers

__all__ = ["only_server", "serve", "usual_workers"]
