"""How judges looked, as a table for the export."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import read_record
from studyapp.core.viewing import ViewingRules, colours_seen, pixels_per_degree
from studyapp.db.tables import Image, Judge, Trial, ViewingConditions
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import current_file
from studyapp.services.voting.viewing import eyes_of

CONDITIONS = "conditions.csv"
FACTS = ["exact", "dpr", "zoom", "width", "height", "depth", "gamut", "hdr", "contrast", "touch"]
PLACES = ["screen_width", "screen_height", "screen_left", "screen_top"]
SIZES = ["px_per_mm", "size_by", "distance_cm", "pixels_per_degree"]
TOLD = ["light", "brightness", "blue_light", "auto_brightness", "panel"]
PATTERNS = ["checkerboard", "dark", "bright"]
EYES = ["acuity", "acuity_limited", "colours"]
CONDITION_COLUMNS = [
    "judge", "at", "kind", "image", "trial", "changed", "outside",
    *FACTS, *PLACES, *SIZES, *TOLD, *PATTERNS,
]  # fmt: skip


def conditions_table(session: Session) -> pd.DataFrame:
    """Return the viewing conditions of judges who count: all at the check, later what changed.

    What the screenings of eyes found is in it only if the study says that it is exported: its last result, in
    the row of the last check. The columns stand in docs/columns.md.
    """
    rules = current_file(session).viewing
    withdrawn = standing(session).withdrawn
    images = dict(
        session.exec(select(Trial.public_id, Image.key).join(Image, col(Trial.image_id) == Image.id)).all()
    )
    reports = session.exec(
        select(Judge.id, Judge.position, ViewingConditions.noted_at, ViewingConditions.body)
        .join(Judge, col(ViewingConditions.judge_id) == Judge.id)
        .where(Judge.position < TEST_FROM)
        .order_by(col(Judge.position), col(ViewingConditions.id))
    )
    found: list[dict[str, Any]] = []
    for (judge_id, number), rows in groupby(reports, key=lambda row: (row[0], row[1])):
        if judge_label(number) in withdrawn:
            continue
        bodies = [(at, read_record(body, "a report of a screen")) for _, _, at, body in rows]
        own = list(_of_judge(bodies, images, rules))
        if rules.eyes == "exported" and judge_id is not None:
            _add_eyes(own, eyes_of(session, judge_id))
        found += [{"judge": judge_label(number)} | row for row in own]
    columns = [*CONDITION_COLUMNS, *(EYES if rules.eyes == "exported" else [])]
    return pd.DataFrame(found, columns=pd.Index(columns))


def _of_judge(
    reports: list[tuple[str, dict[str, Any]]], images: dict[str, str], rules: ViewingRules
) -> Iterator[dict[str, Any]]:
    """The rows of a judge; `state` is what is known by then of screen, window and place."""
    state: dict[str, Any] = {}
    for at, body in reports:
        facts = body.get("changed", body)
        told = body.get("told", {})
        if body["kind"] != "altered":
            state |= facts
        if "told" in body:
            state["distance_cm"] = told.get("distance_cm")
        screen, corner = facts.get("screen") or [None, None], facts.get("screen_at") or [None, None]
        size = facts.get("px_per_mm")
        trial = body.get("trial")
        yield {
            "at": at,
            "kind": body["kind"],
            "trial": trial,
            "image": images.get(trial or ""),
            "changed": " ".join(sorted(body["changed"])) if "changed" in body else None,
            "outside": " ".join(rules.outside(state)) or None,
            **{name: facts.get(name) for name in FACTS},
            **dict(zip(PLACES, [*screen, *corner], strict=True)),
            "px_per_mm": size,
            "size_by": told.get("size_by"),
            "distance_cm": told.get("distance_cm"),
            "pixels_per_degree": pixels_per_degree(size, state.get("distance_cm")),
            **{name: told.get(name) for name in TOLD},
            **{name: body.get("seen", {}).get(name) for name in PATTERNS},
        }


def _add_eyes(rows: list[dict[str, Any]], eyes: dict[str, Any]) -> None:
    checks = [row for row in rows if row["kind"] == "check"]
    if not checks or not eyes:
        return
    acuity = eyes.get("acuity") or {}
    checks[-1] |= {
        "acuity": acuity.get("decimal"),
        "acuity_limited": acuity.get("limited"),
        "colours": colours_seen(eyes.get("colour")),
    }
