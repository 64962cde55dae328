"""A leaderboard as files: CSV, and the JSON in which Codabench tells of a phase's leaderboard."""

import csv
import io
from typing import Any

from analysis.columns import TABLES
from analysis.spreadsheets import plain_cell
from studyapp.services.challenge.leaderboard import SCORE, Board, Row

_NAMES = tuple(column.name for column in TABLES["leaderboard.csv"].columns)
_BEFORE, _AFTER = _NAMES[: _NAMES.index(SCORE)], _NAMES[_NAMES.index(SCORE) + 1 :]


def as_csv(board: Board) -> str:
    """Return leaderboard.csv (docs/columns.md): numbers with all their digits."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    after = [name for name in _AFTER if name != "simulated" or board.simulated]
    values = [column.name for column in board.columns]
    writer.writerow([*_BEFORE, *values, *after])
    for row in board.rows:
        cells = _cells(row) | {"simulated": "true"}
        numbers = ["" if row.values[name] is None else row.values[name] for name in values]
        writer.writerow([*(cells[name] for name in _BEFORE), *numbers, *(cells[name] for name in after)])
    return out.getvalue()


def as_codabench(board: Board) -> dict[str, Any]:
    """Return what Codabench answers to `/api/phases/N/get_leaderboard/`: teams are its owners.

    A team without a score has no scores there; nothing stands for what is missing.
    """
    columns = [
        {
            "index": place,
            "key": column.name,
            "title": column.title,
            "sorting": "asc" if column.better == "lower" else "desc",
            "precision": column.decimals,
        }
        for place, column in enumerate(board.columns)
    ]
    submissions = [
        {
            "owner": row.name,
            "id": row.submission,
            "created_when": row.arrived_at,
            "scores": [
                {
                    "index": place,
                    "column_key": column.name,
                    "score": repr(row.values[column.name]),
                    "task_id": 0,
                }
                for place, column in enumerate(board.columns)
                if row.values[column.name] is not None
            ],
        }
        | ({"simulated": True} if board.simulated else {})
        for row in board.rows
    ]
    task = {"id": 0, "name": board.track, "colWidth": len(columns), "columns": columns}
    return {
        "title": board.title,
        "id": board.phase,
        "submissions": submissions,
        "tasks": [task],
        "simulated": board.simulated,
        "frozen_at": board.frozen_at.isoformat() if board.frozen_at else None,
    }


def _cells(row: Row) -> dict[str, Any]:
    told = {
        "rank": row.rank,
        "rank_low": row.low,
        "rank_high": row.high,
        "team": plain_cell(row.name),
        "affiliation": plain_cell(row.affiliation),
        "members": plain_cell("; ".join(row.members)),
        "runtime": row.runtime,
        "submissions": row.submissions,
        "submission": row.number,
        "arrived_at": row.arrived_at,
        "why": str(row.why or ""),
    }
    return {name: "" if value is None else value for name, value in told.items()}
