"""The security log: rows of the site's database, for whoever runs the site."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from studyapp.db.site_tables import SecurityEvent
from studyapp.db.tables import utc_text


@dataclass(frozen=True)
class Event:
    """An event as it is shown; `facts` are of its kind."""

    at: str
    study: str
    event: str
    address: str
    facts: dict[str, Any]


def note(
    session: Session, event: str, *, study: str | None, address: str, facts: dict[str, Any], now: datetime
) -> None:
    """Add an event; `study` is None for what is no study's."""
    body = json.dumps(facts)
    session.add(SecurityEvent(at=utc_text(now), study=study or "", event=event, address=address, body=body))


def events(session: Session) -> Iterator[Event]:
    """Yield all events from the first on."""
    query = select(SecurityEvent).order_by(col(SecurityEvent.id)).execution_options(yield_per=1000)
    for row in session.exec(query):
        yield Event(row.at, row.study, row.event, row.address, json.loads(row.body))
