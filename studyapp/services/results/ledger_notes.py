"""What a reader of the ranking must know of the study: who is out, what was amended, what was unsealed."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlmodel import Session, col, select

from analysis.study_notes import StudyNotes
from analysis.texts import Text, plural, say
from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import read_conflicts
from studyapp.db.tables import Image, Judge, Team
from studyapp.services.ground.ledger import event_body, standing, study_events
from studyapp.services.ground.studies import current_file, shows_previews, team_keys, the_study

JUDGE = re.compile(r"\b(?:judge|test)\d+\b(?! is (?:disqualified|reinstated))")  # a team may have any name


def study_notes(session: Session) -> tuple[str, ...]:
    """Return one line for each event that bears on the results, in the order of the ledger."""
    teams = list(session.exec(select(Team.name).where(~col(Team.control)).order_by(col(Team.position))))
    notes = [_note(event_body(event), teams) for event in study_events(session)]
    tests = len(session.exec(select(Judge.id).where(col(Judge.position) >= TEST_FROM)).all())
    if tests:
        notes.append(
            plural("%(count)s test judge does not count", "%(count)s test judges do not count", tests)
        )
    if the_study(session).state != "closed":
        notes.append(say("INTERIM: the study is not closed; answers are still being saved"))
    return tuple(note for note in notes if note)


def study_facts(session: Session) -> StudyNotes:
    """Return the notes and what results lack and why, for the report and the audit; teams by their ids."""
    out = standing(session)
    gone = team_keys(session, out.disqualified)
    judges = session.exec(select(Judge).where(col(Judge.position) < TEST_FROM).order_by(col(Judge.position)))
    conflicts = {
        judge_label(judge.position): tuple(
            sorted(set(read_conflicts(judge.conflicts, judge.position)) - gone)
        )
        for judge in judges
    }
    return StudyNotes(
        lines=(*study_notes(session), *_pictures(session)),
        disqualified=tuple(sorted(gone)),
        withdrawn=tuple(sorted(out.withdrawn)),
        conflicts={
            judge: teams for judge, teams in conflicts.items() if teams and judge not in out.withdrawn
        },
        test_judges=len(session.exec(select(Judge.id).where(col(Judge.position) >= TEST_FROM)).all()),
        images=len(session.exec(select(Image.id).where(col(Image.position).is_not(None))).all()),
    )


def without_judges(note: str) -> str:
    """Return a note in which no judge has a number, nor is it told why one does not count.

    Examples
    --------
    >>> without_judges(say("%(judge)s is withdrawn", judge="judge01"))
    'a judge is withdrawn'
    >>> without_judges("test01 and judge12 saw it"), without_judges("judge7 is disqualified")
    ('a judge and a judge saw it', 'judge7 is disqualified')
    """
    if not JUDGE.search(note):
        return note
    if not isinstance(note, Text):
        return JUDGE.sub("a judge", note)
    values = {name: value if name == "team" else _unnamed(value) for name, value in note.values.items()}
    if "reason" in values and JUDGE.search(note.values["what"]):
        return say("%(what)s (%(day)s)", what=values["what"], day=values["day"])
    return Text(note.message, note.many, values)


def _unnamed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return say("a judge") if JUDGE.fullmatch(value) else without_judges(value)


def _pictures(session: Session) -> Iterator[str]:
    """Say what the study allowed to be done to pictures that it does not allow by default."""
    file = current_file(session)
    if file.policy.mix:
        yield say("files in other colour spaces were converted to sRGB, also where those of an image differ")
    if file.policy.base:
        yield say("of files with an HDR gain map, judges and metrics had the SDR picture")
    if shows_previews(session):
        yield say("judges saw previews of the inputs, developed from raw data")


def _note(body: dict[str, Any], teams: list[str]) -> str | None:
    note = _NOTES.get(body["kind"])
    if note is None:
        return None
    what, day = note(body, teams), body["at"][:10]
    if "reason" not in body:
        return say("%(what)s (%(day)s)", what=what, day=day)
    return say("%(what)s (%(day)s): %(reason)s", what=what, day=day, reason=body["reason"])


def _lost(body: dict[str, Any]) -> str:
    return plural(
        "%(count)s recorded event was lost, from %(chains)s",
        "%(count)s recorded events were lost, from %(chains)s",
        len(body["lost"]),
        chains=", ".join(sorted({chain for chain, _, _ in body["lost"]})),
    )


_NOTES: dict[str, Callable[[dict[str, Any], list[str]], str]] = {
    "disqualified": lambda body, teams: say("%(team)s is disqualified", team=teams[body["team"] - 1]),
    "reinstated": lambda body, teams: say("%(team)s is reinstated", team=teams[body["team"] - 1]),
    "withdrawn": lambda body, _: say("%(judge)s is withdrawn", judge=body["judge"]),
    "readmitted": lambda body, _: say("%(judge)s counts again", judge=body["judge"]),
    "amended": lambda body, _: say(
        "amendment %(number)s of %(keys)s", number=body["number"], keys=", ".join(body["keys"])
    ),
    "loss-accepted": lambda body, _: _lost(body),
    "unsealed": lambda body, _: say("unsealed before closing"),
}
