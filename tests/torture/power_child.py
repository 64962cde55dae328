"""Saves ballots in a process whose writes are logged; after each one writes its key into var/acknowledged."""

import os
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event
from sqlmodel import select

from studyapp.core.judges_file import JudgeLine
from studyapp.db.tables import Trial
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from studyapp.services.voting import ballots


def main(root: Path, count: int, synchronous: str) -> None:
    """Vote `count` times; `synchronous` replaces the setting of SQLite when it is not empty."""
    workspace = open_workspace(root)
    database = workspace.database
    if synchronous:

        @event.listens_for(database.engine, "connect")
        def weaken(connection, _record) -> None:
            connection.execute(f"PRAGMA synchronous = {synchronous}")

        database.engine.dispose()
    now = datetime.now(UTC)
    with database.writing() as session:
        invitations.invite_judges(session, workspace.key, [JudgeLine("Jude", "jude@example.org")], now=now)
        studies.open_study(session, now=now)
    with database.reading() as session:
        trials = list(session.exec(select(Trial)))
    acknowledged = os.open(root / "var" / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in range(count):
        trial, key = trials[number % len(trials)], str(uuid.uuid4())
        base, answer = number // len(trials), {"picks": [1, 2, 3]}
        with database.writing() as session:
            given = ballots.Cast(trial.judge_id, trial.public_id, key, base, answer, now)
            (saved,) = ballots.save_ballots(session, [given])
            assert isinstance(saved, ballots.Ballot), saved
        os.write(acknowledged, f"{key}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
