"""What judges' screens were like, as a table for the export."""

from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import read_record
from studyapp.db.tables import Image, Judge, Trial, ViewingConditions
from studyapp.services.ground.ledger import standing

CONDITIONS = "conditions.csv"
FACTS = ["dpr", "zoom", "width", "height", "depth", "gamut", "hdr", "contrast", "touch"]
PATTERNS = ["checkerboard", "dark", "bright"]
CONDITION_COLUMNS = [
    "judge", "at", "kind", "image", "trial", "changed", *FACTS, "screen_width", "screen_height", *PATTERNS,
]  # fmt: skip


def conditions_table(session: Session) -> pd.DataFrame:
    """Return the viewing conditions of judges who count: all at the check, later what changed.

    The columns stand in docs/columns.md.
    """
    withdrawn = standing(session).withdrawn
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
