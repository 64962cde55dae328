"""Where organisers and judges pointed: regions by image, and what judges marked on candidates."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlmodel import Session

from analysis.spreadsheets import read_cell
from studyapp.services.folder.regions import all_regions

Mark = dict[str, Any]


def regions_of(session: Session) -> dict[str, list[Mark]]:
    """Return the organisers' rectangles by image, numbered as judges were led to them."""
    return {
        image: [
            {"name": str(number), "x": x, "y": y, "width": width, "height": height}
            for number, (x, y, width, height) in enumerate(rects, start=1)
        ]
        for image, rects in all_regions(session).items()
    }


def marks_of(reasons: pd.DataFrame, teams: Collection[str]) -> dict[str, list[Mark]]:
    """Return what judges said of candidates of these teams, by image; x is None where they named a region."""
    found: dict[str, list[Mark]] = defaultdict(list)
    for row in reasons.to_dict("records"):
        if row["team"] not in teams:
            continue
        found[row["image"]].append(
            {
                "team": row["team"],
                "judge": row["judge"],
                "attribute": row["attribute"],
                "better": row["direction"] == "better",
                "region": read_cell(row["region"] or ""),
                **{name: row[name] for name in ("x", "y", "width", "height")},
                "comment": read_cell(row["text"] or ""),
            }
        )
    return dict(found)
