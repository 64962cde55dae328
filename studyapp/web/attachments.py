"""Answers that a browser saves as a file."""

from flask import Response


def attachment(content: str | bytes, name: str, kind: str) -> Response:
    """Return content as a file of this name; `kind` is its media type."""
    answer = Response(content, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
