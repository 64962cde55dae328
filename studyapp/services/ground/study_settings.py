"""What organisers set for a study beside study.yaml.

It changes nothing that is judged, so it is never frozen: it needs no amendment, before or after invitations,
and starting over a rehearsal keeps it.
"""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session

from studyapp.core.records import read_record
from studyapp.db.tables import Setting, utc_text


def setting(session: Session, key: str) -> dict[str, Any] | None:
    """Return what was set; None for nothing."""
    row = session.get(Setting, key)
    return read_record(row.value, f"the setting {key}") if row else None


def set_setting(session: Session, key: str, value: dict[str, Any] | None, *, now: datetime) -> None:
    """Set something; None takes it away."""
    row = session.get(Setting, key)
    if value is None:
        if row is not None:
            session.delete(row)
        return
    row = row or Setting(key=key, value="", changed_at="")
    row.value, row.changed_at = json.dumps(value, ensure_ascii=False, sort_keys=True), utc_text(now)
    session.add(row)
