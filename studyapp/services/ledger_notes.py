"""What a reader of the ranking must know of the study: who is out, what was amended, what was unsealed."""

import json
from collections.abc import Callable
from typing import Any

from sqlmodel import Session, col, select

from studyapp.core.ledger import TEST_FROM
from studyapp.db.tables import Judge, Team
from studyapp.services.ledger import study_events
from studyapp.services.studies import the_study


def study_notes(session: Session) -> tuple[str, ...]:
    """Return one line for each event that bears on the results, in the order of the ledger."""
    teams = list(session.exec(select(Team.name).where(~col(Team.control)).order_by(col(Team.position))))
    notes = [_note(json.loads(event.body), teams) for event in study_events(session)]
    tests = len(session.exec(select(Judge.id).where(col(Judge.position) >= TEST_FROM)).all())
    if tests:
        notes.append(f"{tests} test judge{'s do' if tests > 1 else ' does'} not count")
    if the_study(session).state != "closed":
        notes.append("INTERIM: the study is not closed; ballots are still being cast")
    return tuple(note for note in notes if note)


def _note(body: dict[str, Any], teams: list[str]) -> str | None:
    say = _NOTES.get(body["kind"])
    if say is None:
        return None
    reason = f": {body['reason']}" if "reason" in body else ""
    return f"{say(body, teams)} ({body['at'][:10]}){reason}"


def _chains(body: dict[str, Any]) -> str:
    return ", ".join(sorted({chain for chain, _, _ in body["lost"]}))


_NOTES: dict[str, Callable[[dict[str, Any], list[str]], str]] = {
    "disqualified": lambda body, teams: f"{teams[body['team'] - 1]} is disqualified",
    "reinstated": lambda body, teams: f"{teams[body['team'] - 1]} is reinstated",
    "withdrawn": lambda body, _: f"{body['judge']} is withdrawn",
    "readmitted": lambda body, _: f"{body['judge']} counts again",
    "amended": lambda body, _: f"amendment {body['number']} of {', '.join(body['keys'])}",
    "loss-accepted": lambda body, _: (
        f"{len(body['lost'])} acknowledged events are lost, from {_chains(body)}"
    ),
    "unsealed": lambda body, _: "unsealed before closing",
}
