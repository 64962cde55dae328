"""Evidence of looking as tables for the export: how much of each picture, and where the time went."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from analysis.looking.reading import CANDIDATE_COLUMNS, CANDIDATES, MAP_COLUMNS, MAPS
from studyapp.core.canonical import canonical_json
from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import read_record
from studyapp.db.tables import (
    BallotEvent,
    Image,
    Judge,
    LaterLooking,
    Looking,
    Picture,
    Team,
    Trial,
    TrialSlot,
)
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import require_unsealed, team_keys

CELLS = 24
"""Cells along an image's longer side, as static/js/evidence/coverage.js has them."""

LOOKING = "looking.jsonl"

Visits = dict[int, list[dict[str, Any]]]


def looking_tables(session: Session) -> dict[str, pd.DataFrame]:
    """Return what judges who count looked at, by the names of the export's files.

    The columns stand in docs/analysis.md.
    Several visits add up: dwell and time are sums; of the share seen at 1:1 the best visit's is kept, because
    two visits may have shown the same part. Pages before there were visits left one report after the other
    under no name: the longest stands for them. A trial without a map has no row in the second table.

    Raises
    ------
    StudyStateError
        While identities are sealed: the first table says who made what.
    """
    require_unsealed(session)
    out = standing(session)
    visits = _visits(session)
    gone = team_keys(session, out.disqualified)
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Trial.id, Trial.public_id, Trial.kind, Judge.position, Image.key, Image.width, Image.height,
               TrialSlot.slot, Team.key)
        .select_from(Trial)
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
        .join(Picture, col(TrialSlot.picture_id) == Picture.id)
        .outerjoin(Team, col(Picture.team_id) == Team.id)
        .where(Trial.kind != "practice", Judge.position < TEST_FROM)
        .order_by(col(Judge.position), col(Trial.position), col(TrialSlot.slot))
    )  # fmt: skip
    candidates, maps = [], {}
    for trial, public_id, kind, number, image, width, height, slot, team in rows:
        judge = judge_label(number)
        if trial not in visits or judge in out.withdrawn:
            continue
        about = {
            "judge": judge,
            "image": image,
            "kind": kind,
            "trial": public_id,
            "visits": len(visits[trial]),
        }
        maps[trial] = about | {"width": width, "height": height} | _time(visits[trial], width, height)
        if team not in gone:
            candidates.append(about | {"slot": slot, "team": team} | _looks(visits[trial], slot))
    drawn = [row for row in maps.values() if row["cells"]]
    return {CANDIDATES: _table(candidates, CANDIDATE_COLUMNS), MAPS: _table(drawn, MAP_COLUMNS)}


def looking_lines(session: Session) -> list[str]:
    """Return the lines of looking.jsonl: the evidence that came with ballots of judges who count.

    Each names its event by chain and sequence; the event holds the hash of `looking`.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    """
    require_unsealed(session)
    out = standing(session)
    rows = session.exec(
        select(Judge.position, BallotEvent.judge_sequence, Looking.body)
        .select_from(Looking)
        .join(BallotEvent, col(Looking.event_id) == BallotEvent.id)
        .join(Trial, col(BallotEvent.trial_id) == Trial.id)
        .join(Judge, col(BallotEvent.judge_id) == Judge.id)
        .where(Trial.kind != "practice", Judge.position < TEST_FROM)
        .order_by(col(Judge.position), col(BallotEvent.judge_sequence))
    )
    lines = [
        {
            "chain": judge_label(number),
            "sequence": sequence,
            "looking": read_record(body, "a report of looking"),
        }
        for number, sequence, body in rows
        if judge_label(number) not in out.withdrawn
    ]
    return [canonical_json(line).decode("utf-8") for line in lines]


def _visits(session: Session) -> Visits:
    """Return the last report of each visit to each trial."""
    with_ballots = select(BallotEvent.trial_id, Looking.body).join(
        Looking, col(Looking.event_id) == BallotEvent.id
    )
    later = select(LaterLooking.trial_id, LaterLooking.body)
    last: dict[tuple[int, str], dict[str, Any]] = {}
    for trial, body in (*session.exec(with_ballots), *session.exec(later)):
        report = read_record(body, "a report of looking")
        key = (trial, report["visit"])
        if key not in last or report["seconds"] >= last[key]["seconds"]:
            last[key] = report
    found: Visits = {}
    for (trial, _), report in sorted(last.items()):
        found.setdefault(trial, []).append(report)
    return found


def _looks(visits: Iterable[dict[str, Any]], slot: int) -> dict[str, float]:
    looks = [visit["slots"].get(str(slot), {"seen": 0.0, "dwell": 0.0}) for visit in visits]
    return {
        "seen": max(look["seen"] for look in looks),
        "dwell": round(sum(look["dwell"] for look in looks), 1),
    }


def _time(visits: list[dict[str, Any]], width: int, height: int) -> dict[str, Any]:
    """Return seconds and cells of the visits together; a map that does not cover the image is left out."""
    maps = [visit["map"] for visit in visits if _covers(visit["map"], width, height)]
    cells = [sum(values) / 1000 for values in zip(*(map_["cells"] for map_ in maps), strict=True)]
    return {
        "seconds": round(sum(visit["seconds"] for visit in visits), 1),
        "cell": maps[0]["cell"] if maps else 0,
        "cells": " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in cells),
    }


def _covers(found: dict[str, Any], width: int, height: int) -> bool:
    """Whether the map has the one size that the page gives it; anybody can post another."""
    cell = max(1, -(-max(width, height) // CELLS))
    return (found["cell"], found["columns"], found["rows"]) == (
        cell,
        -(-width // cell),
        -(-height // cell),
    )


def _table(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=pd.Index(columns))
