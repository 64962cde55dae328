"""What judges said of candidates: a table, lines as the field publishes them, and where it can be seen."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from analysis.spreadsheets import plain_cell
from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.letters import letter_of
from studyapp.core.records import read_record
from studyapp.db.tables import BallotEvent, Image, Judge, Picture, Team, Trial
from studyapp.protocols import Protocol
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import require_unsealed, team_keys, the_protocol
from studyapp.services.results.answers import read_answer, teams_shown
from studyapp.services.voting.ballots import is_current

REASONS, REASON_LINES = "reasons.csv", "reasons.jsonl"
_WHERE = ("x", "y", "width", "height")
_COLUMNS = [
    "judge", "image", "kind", "trial", "slot", "team", "answer", "region", "attribute", "direction",
    "severity", *_WHERE, "text",
]  # fmt: skip
SIDES = {"A": "Image A (Left)", "B": "Image B (Right)"}
"""How the two of a pair are called in the published lines."""


@dataclass(frozen=True)
class _Ballot:
    """A ballot as it stands, with its reasons about teams that count, by slot."""

    judge: str
    image: str
    kind: str
    trial: str
    complete: bool
    answer: Any
    shown: Mapping[int, str]
    """Who stood in each slot, without disqualified teams."""
    reasons: tuple[dict[str, Any], ...]


def reasons_table(session: Session) -> pd.DataFrame:
    """Return a row for each reason in the ballots as they stand, of judges and teams that count.

    Raises
    ------
    StudyStateError
        While identities are sealed: reasons say who made what.
    """
    protocol = the_protocol(session)
    rows = [
        {
            "judge": ballot.judge,
            "image": ballot.image,
            "kind": ballot.kind,
            "trial": ballot.trial,
            "slot": reason["slot"],
            "team": ballot.shown[reason["slot"]],
            "answer": protocol.said_of(ballot.answer, reason["slot"]),
            **{name: reason[name] and plain_cell(reason[name]) for name in ("region", "attribute", "text")},
            **{name: reason[name] for name in ("direction", "severity")},
            **dict(zip(_WHERE, reason["rect"] or [None] * 4, strict=True)),
        }
        for ballot in _ballots(session, protocol)
        for reason in ballot.reasons
    ]
    # As objects: whole numbers stay whole beside empty cells.
    return pd.DataFrame(rows, columns=pd.Index(_COLUMNS), dtype=object)


def reason_lines(session: Session) -> list[str]:
    """Return a line of JSON for each complete ballot with reasons, main trials only (docs/reasons.md).

    Raises
    ------
    StudyStateError
        While identities are sealed.
    """
    protocol, sources = the_protocol(session), candidate_sources(session)
    lines = []
    for ballot in _ballots(session, protocol):
        letters = {slot: letter_of(slot) for slot in ballot.shown}
        pair_is_broken = protocol.table == "pairs" and len(letters) < 2
        if ballot.kind != "main" or not ballot.complete or not ballot.reasons or pair_is_broken:
            continue
        said = "\n".join(_line(reason, pair=protocol.table == "pairs") for reason in ballot.reasons)
        answer = protocol.said_in_letters(ballot.answer, letters)
        line = {
            "images": [sources[ballot.image, ballot.shown[slot]] for slot in letters],
            "solution": f"<thinking>\n{said}\n</thinking>\n<answer>{answer}</answer>",
            "candidates": {letter: ballot.shown[slot] for slot, letter in letters.items()},
            "judge": ballot.judge,
            "image": ballot.image,
            "trial": ballot.trial,
        }
        lines.append(json.dumps(line, ensure_ascii=False))
    return lines


def _line(reason: Mapping[str, Any], *, pair: bool) -> str:
    letter = letter_of(reason["slot"])
    who = SIDES[letter] if pair else f"Image {letter}"
    said = f"{reason['region'] or 'Marked'} {reason['attribute']}: {who} is {reason['direction']}."
    # No sentence may end the thinking and give an answer of its own.
    return " ".join(filter(None, (said, reason["text"]))).replace("<", "‹").replace(">", "›")


def drawn(session: Session) -> list[tuple[str, str, tuple[int, int, int, int]]]:
    """Return the image, team and rectangle of everything that was drawn, each once, in order.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    """
    found = {
        (ballot.image, ballot.shown[reason["slot"]], tuple(reason["rect"]))
        for ballot in _ballots(session, the_protocol(session))
        for reason in ballot.reasons
        if reason["rect"]
    }
    return sorted(found)


def _ballots(session: Session, protocol: Protocol[Any]) -> Iterator[_Ballot]:
    require_unsealed(session)
    out = standing(session)
    shown = teams_shown(session, without=team_keys(session, out.disqualified))
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Judge.position, Image.key, Trial.kind, Trial.id, Trial.public_id, BallotEvent.complete,
            BallotEvent.body)
        .select_from(BallotEvent)
        .join(Trial, col(BallotEvent.trial_id) == Trial.id)
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .where(Trial.kind != "practice", Judge.position < TEST_FROM, is_current())
        .order_by(col(Judge.position), col(Trial.position))
    )  # fmt: skip
    for number, image, kind, trial, public_id, complete, text in rows:
        judge = judge_label(number)
        body = read_record(text, f"a ballot of {judge}")
        if judge in out.withdrawn or not body.get("reasons"):
            continue
        kept = [reason for reason in body["reasons"] if reason["slot"] in shown[trial]]
        yield _Ballot(
            judge, image, kind, public_id, complete, read_answer(protocol, body, judge), shown[trial],
            tuple(sorted(kept, key=lambda reason: reason["slot"])),
        )  # fmt: skip


def candidate_sources(session: Session) -> dict[tuple[str, str], str]:
    """Return the file of each candidate, as it lies in the study's folder."""
    rows = session.exec(
        select(Image.key, Team.key, Picture.source)
        .select_from(Picture)
        .join(Image, col(Picture.image_id) == Image.id)
        .join(Team, col(Picture.team_id) == Team.id)
    )
    return {(image, team): source for image, team, source in rows}
