"""Verifying a study where it lives: the ledger, the database beside it, the second record, the export.

Before closing no message says which team stands where.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import MultipleResultsFound
from sqlmodel import Session

from analysis.audit.findings import Finding
from analysis.errors import AnalysisError
from analysis.verify import (
    Event,
    Opening,
    Published,
    Record,
    published_findings,
    read_receipts,
    read_record,
    verify_export,
    verify_record,
)
from studyapp.db.tables import Study
from studyapp.db.triggers import missing_triggers
from studyapp.errors import DamagedError
from studyapp.services.ground.ledger import bodies, ledger_entries
from studyapp.services.ground.sealing import committed, opening
from studyapp.services.ground.second_record import Comparison, compare_all
from studyapp.services.ground.studies import the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.exports import LEDGER
from studyapp.services.results.row_checks import MisfitRowError, row_checks

PATIENCE = 5


def verify_study(session: Session, workspace: Workspace, receipts: Sequence[Path] = ()) -> list[Finding]:
    """Check everything that can be checked in the study's present state.

    Parameters
    ----------
    receipts
        Files of receipts that were kept outside this machine.

    Raises
    ------
    NotFoundError
        When the study has not been entered in its database.
    """
    try:
        study = the_study(session)
        record = _record(session, workspace)
    except (KeyError, ValueError, MultipleResultsFound) as error:
        return [Finding("ledger", "wrong", f"cannot be read: {type(error).__name__} {error}")]
    findings = []
    if committed(session) is not None:
        findings += verify_record(record, closed=study.state == "closed", opened=study.state != "draft")
    checks: dict[str, Callable[[], str]] = {
        "triggers": lambda: _check_triggers(session),
        "state": lambda: _check_state(session, study),
        **row_checks(session, workspace, study, record),
        "second record": lambda: _check_second_record(workspace),
    }
    findings += [_finding(name, check) for name, check in checks.items()]
    findings += published_findings(record, Published(files=tuple(map(read_receipts, receipts))))
    if study.state == "closed" and (workspace.folders.exports / LEDGER).exists():
        findings.append(_finding("export", lambda: _check_export(record, workspace.folders.exports)))
        findings += [_of_export(item) for item in verify_export(workspace.folders.exports)]
    return findings


class _Wrong(Exception):
    """What does not fit."""


def _record(session: Session, workspace: Workspace) -> Record:
    events = [Event(link.chain, link.previous, link.hash, link.body) for link in ledger_entries(session)]
    now = opening(session, workspace.key)
    return Record(tuple(events), Opening(now["commitment"], workspace.key, now["list"]))


def _check_triggers(session: Session) -> str:
    missing = missing_triggers(session.connection())
    if missing:
        raise _Wrong(f"the triggers {', '.join(missing)} are gone: recorded events could be changed")
    return "the append-only tables are guarded"


def _check_state(session: Session, study: Study) -> str:
    steps = {"opened": "open", "paused": "paused", "resumed": "open", "closed": "closed"}
    told = [steps[body["kind"]] for body in bodies(session, "opened", "paused", "resumed", "closed")]
    if study.state != (told[-1] if told else "draft"):
        raise _Wrong(f"the study is {study.state}, its ledger says {told[-1] if told else 'draft'}")
    return f"the study is {study.state}, as its ledger says"


def _check_second_record(workspace: Workspace) -> str:
    told = []
    for found in _compared(workspace):
        if found.strangers:
            raise _Wrong(f"{found.name} has what the database does not: {found.strangers[0]}")
        if found.missing:
            raise _Wrong(f"{found.name} lacks {len(found.missing)} events; run `studyapp doctor DIR`")
        gone = f" and {found.accepted} whose loss was accepted" if found.accepted else ""
        told.append(f"{found.name} holds all {found.events} events{gone}")
    return ", ".join(told) or "a copy has no second record"


def _compared(workspace: Workspace) -> list[Comparison]:
    """Compare the other records; where judges vote meanwhile, wait for lines that are just being written."""
    found = compare_all(workspace)
    for _ in range(PATIENCE):
        if not any(item.missing for item in found):
            break
        time.sleep(0.2)
        found = compare_all(workspace)
    return found


def _check_export(record: Record, folder: Path) -> str:
    exported = {event.hash: event for event in read_record(folder).events}
    recorded = {event.hash: event for event in record.events}
    if lacking := [event for hash_, event in recorded.items() if hash_ not in exported]:
        raise _Wrong(f"{LEDGER} lacks {lacking[0]}: run `studyapp export DIR` again")
    if strange := [event for hash_, event in exported.items() if hash_ not in recorded]:
        raise _Wrong(f"{LEDGER} has {strange[0]}, the database has not")
    return f"{LEDGER} is the database's"


def _of_export(item: Finding) -> Finding:
    return Finding(f"export: {item.check}", item.verdict, item.message)


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "ok", check())
    except (_Wrong, MisfitRowError, DamagedError) as error:
        return Finding(name, "wrong", str(error))
    except (KeyError, ValueError, IndexError, TypeError, AttributeError, AnalysisError) as error:
        return Finding(name, "wrong", f"cannot be followed: {type(error).__name__} {error}")
