"""The log as JSON, one object a line, when it is asked for: requests, and what else is said.

No line holds the address of a page (it may be a link), a name, a person's address or what was sent. Of an
exception it has the kinds and the places in the code; their words only where they are about code, because
others quote what they choked on.
"""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context, request

from studyapp.settings import json_log
from studyapp.web.watching.requests import Request, this_request

_ABOUT_CODE = (
    AttributeError,
    ImportError,
    IndexError,
    NameError,
    NotImplementedError,
    RecursionError,
    TypeError,
)
_MOST = 60  # frames of a traceback, the innermost


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at.replace("+00:00", "Z")}
        noted = getattr(record, "request", None)
        if isinstance(noted, Request):
            line |= {
                "event": "request",
                "id": noted.id,
                "method": noted.method,
                "route": noted.route,
                "status": noted.status,
                "ms": round(noted.seconds * 1000, 1),
                "bytes": noted.size,
            }
            return json.dumps(line)
        line |= {"event": record.levelname.lower(), "from": record.name, "says": record.getMessage()}
        if has_request_context() and (during := this_request()):
            line["id"] = during.id
        if record.exc_info and record.exc_info[1]:
            line["error"] = error_lines(record.exc_info[1])
        return json.dumps(line)


def error_lines(error: BaseException) -> list[dict[str, Any]]:
    """Return an exception and what led to it, the last first: its kind and where it came from."""
    lines, at, seen = [], error, set[int]()
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        frames = traceback.extract_tb(at.__traceback__)[-_MOST:]
        said = {"says": str(at)} if isinstance(at, _ABOUT_CODE) else {}
        places = [f"{frame.filename}:{frame.lineno} {frame.name}: {frame.line}" for frame in frames]
        lines.append({"kind": type(at).__name__, **said, "traceback": places})
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return lines


class JsonHandler(logging.Handler):
    """Writes lines to standard error, or to a file that may be moved away meanwhile, as logrotate does."""

    def __init__(self, path: Path | None) -> None:
        super().__init__()
        self._path = path
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; a disk that is full keeps no answer from anybody."""
        try:
            line = self.format(record) + "\n"
            if self._path is None:
                sys.stderr.write(line)
                sys.stderr.flush()
            else:
                _append(self._path, line.encode())
        except (OSError, ValueError):
            pass


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


class _Writing:
    """Writes a line of each request; probes, which come every few seconds, are left out."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("studyapp.requests")
        self._logger.setLevel(logging.INFO)

    def begun(self) -> None:
        pass

    def ended(self, noted: Request) -> None:
        if not noted.is_quiet:
            self._logger.info("request", extra={"request": noted})


def writers() -> list[_Writing]:
    """Return who writes requests, if that is asked for."""
    return [_Writing()] if write_json() else []


def init_errors_logged(app: Flask) -> None:
    """Let errors be logged without the address that was asked for."""

    def log_exception(exc_info: Any) -> None:
        noted = this_request()
        where = (noted.method, noted.route) if noted else ("", request.endpoint)
        app.logger.error("an error in %s %s", *where, exc_info=exc_info)

    app.log_exception = log_exception


def write_json() -> bool:
    """Let everything that is logged in this process be JSON, if the settings say so; return whether."""
    wanted, root = json_log(), logging.getLogger("studyapp")
    for logger in (root, logging.getLogger("gunicorn.error")):
        for handler in [item for item in logger.handlers if isinstance(item, JsonHandler)]:
            logger.removeHandler(handler)
        if wanted is not None:
            logger.handlers[:] = [JsonHandler(wanted.path)]
    return wanted is not None
