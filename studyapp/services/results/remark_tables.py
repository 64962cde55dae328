"""What judges said of candidates, and what their screens were like, as tables for the export."""

from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import read_record
from studyapp.core.spreadsheets import plain_cell
from studyapp.db.tables import BallotEvent, Image, Judge, Trial, ViewingConditions
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import require_unsealed, the_protocol
from studyapp.services.results.votes import read_answer, team_keys, teams_shown
from studyapp.services.voting.ballots import is_current

REASONS, CONDITIONS = "reasons.csv", "conditions.csv"
REASON_COLUMNS = [
    "judge", "image", "kind", "trial", "slot", "team", "answer", "good", "bad", "x", "y", "width", "height",
    "text",
]  # fmt: skip
FACTS = ["dpr", "zoom", "width", "height", "depth", "gamut", "hdr", "contrast", "touch"]
PATTERNS = ["checkerboard", "dark", "bright"]
CONDITION_COLUMNS = [
    "judge", "at", "kind", "image", "trial", "changed", *FACTS, "screen_width", "screen_height", *PATTERNS,
]  # fmt: skip
BETWEEN_TAGS = "; "


def remark_tables(session: Session) -> dict[str, pd.DataFrame]:
    """Return the reasons of ballots as they stand and the viewing conditions, of judges who count.

    The columns stand in docs/analysis.md. A row of reasons.csv is what a judge said of one candidate,
    picked or not; one of conditions.csv what a browser reported: all at the check, later what changed.

    Raises
    ------
    StudyStateError
        While identities are sealed: reasons say who made what.
    """
    require_unsealed(session)
    out = standing(session)
    return {
        REASONS: _reasons(session, out.withdrawn, team_keys(session, out.disqualified)),
        CONDITIONS: _conditions(session, out.withdrawn),
    }


def _reasons(session: Session, withdrawn: frozenset[str], gone: set[str]) -> pd.DataFrame:
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Judge.position, Image.key, Trial.kind, Trial.id, Trial.public_id, BallotEvent.body)
        .select_from(BallotEvent)
        .join(Trial, col(BallotEvent.trial_id) == Trial.id)
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .where(Trial.kind != "practice", Judge.position < TEST_FROM, is_current())
        .order_by(col(Judge.position), col(Trial.position))
    )  # fmt: skip
    protocol, teams = the_protocol(session), teams_shown(session)
    found = []
    for number, image, kind, trial, public_id, text in rows:
        judge = judge_label(number)
        body = read_record(text, f"a ballot of {judge}")
        about = {"judge": judge, "image": image, "kind": kind, "trial": public_id}
        answer = read_answer(protocol, body, judge)
        for reason in sorted(body.get("reasons", ()), key=lambda item: item["slot"]):
            team = teams[trial][reason["slot"]]
            said = protocol.said_of(answer, reason["slot"])
            if judge not in withdrawn and team not in gone:
                found.append(about | {"slot": reason["slot"], "team": team, "answer": said} | _reason(reason))
    # As objects: whole numbers stay whole beside empty cells.
    return pd.DataFrame(found, columns=pd.Index(REASON_COLUMNS), dtype=object)


def _reason(reason: dict[str, Any]) -> dict[str, Any]:
    rect = reason["rect"] or [None] * 4
    return {
        "good": _tags(reason, "+"),
        "bad": _tags(reason, "-"),
        **dict(zip(("x", "y", "width", "height"), rect, strict=True)),
        "text": plain_cell(reason["text"]),
    }


def _tags(reason: dict[str, Any], sign: str) -> str:
    return plain_cell(BETWEEN_TAGS.join(tag[1:] for tag in reason["tags"] if tag[0] == sign))


def _conditions(session: Session, withdrawn: frozenset[str]) -> pd.DataFrame:
    images = dict(
        session.exec(select(Trial.public_id, Image.key).join(Image, col(Trial.image_id) == Image.id)).all()
    )
    rows = session.exec(
        select(Judge.position, ViewingConditions.noted_at, ViewingConditions.body)
        .join(Judge, col(ViewingConditions.judge_id) == Judge.id)
        .where(Judge.position < TEST_FROM)
        .order_by(col(Judge.position), col(ViewingConditions.id))
    )
    found = [
        {"judge": judge_label(number), "at": at} | _report(read_record(body, "a report of a screen"), images)
        for number, at, body in rows
        if judge_label(number) not in withdrawn
    ]
    return pd.DataFrame(found, columns=pd.Index(CONDITION_COLUMNS))


def _report(body: dict[str, Any], images: dict[str, str]) -> dict[str, Any]:
    facts = body.get("changed", body)
    screen = facts.get("screen") or [None, None]
    trial = body.get("trial")
    return {
        "kind": body["kind"],
        "trial": trial,
        "image": images.get(trial or ""),
        "changed": " ".join(sorted(body["changed"])) if "changed" in body else None,
        **{name: facts.get(name) for name in FACTS},
        "screen_width": screen[0],
        "screen_height": screen[1],
        **{name: body.get("seen", {}).get(name) for name in PATTERNS},
    }
