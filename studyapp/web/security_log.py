"""Who came in, who failed to, and who asked for what is not theirs: one JSON line each, for organisers.

Lines hold the time in UTC, the event, the address asked from, and the number of the link; never a token, a
password, a name or a pick. Strangers' ordinary refusals are left out, so that nobody can
fill the disk with them.
"""

import json
import os
from typing import Any

from flask import request

from studyapp.web.state import app_state, now


def note(event: str, **facts: Any) -> None:
    """Append an event to var/security.jsonl, which only its owner can read."""
    at = now().isoformat(timespec="milliseconds")
    line = {"at": at, "event": event, "from": request.remote_addr, **facts}
    path = app_state().workspace.folders.security_log
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, json.dumps(line).encode("utf-8") + b"\n")
    finally:
        os.close(descriptor)
