"""What the routes of `results` show of single answers, and of where judges looked."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from flask import render_template, request
from sqlmodel import Session

from analysis.columns import titles
from analysis.looking.reading import MAPS
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.kept import kept
from studyapp.services.results.looking_tables import looking_tables
from studyapp.services.results.said import kept_answers
from studyapp.web.console.results import reading_results
from studyapp.web.console.sorting import one_page, sorted_rows
from studyapp.web.state import app_state

FILTERS = ("judge", "image", "team", "kind")
HIDDEN = ("trial", "simulated")
WIDTH = 640
"""Pixels of a picture with its map of time."""


@dataclass(frozen=True)
class Cell:
    """A cell of the map of time: where, and how dark from 0 to 1."""

    x: float
    y: float
    shade: float
    seconds: str


def ballots_page() -> str:
    """Show every answer, by judge, image and team."""
    with reading_results() as session:
        table = kept_answers(session, app_state().workspace)
        protocol, title = studies.the_protocol(session).table, studies.current_file(session).title
    asked = {name: request.args.get(name, "") for name in FILTERS}
    options = {name: _values(table, name) for name in FILTERS}
    for name, value in asked.items():
        if value:
            table = table[_has(table, name, value)]
    names = [str(name) for name in table.columns if name not in HIDDEN]
    columns = {name: table[name].tolist() for name in names}
    order_of = {name: lambda row, name=name: _sortable(columns[name][row]) for name in names}
    rows, order = sorted_rows(range(len(table)), order_of)
    shown, pages = one_page(rows, most=100)
    return render_template(
        "console/ballots.html",
        title=title,
        count=len(rows),
        rows=[{name: _cell(columns[name][row]) for name in names} for row in shown],
        names=names,
        numbers={name for name in names if pd.api.types.is_numeric_dtype(table[name])},
        titles=titles(f"{protocol}.csv", names),
        order=order,
        pages=pages,
        asked=asked,
        options=options,
    )


def looking_page() -> str:
    """Show where judges looked on an image, all of them or one."""
    with reading_results() as session:
        maps = kept(session, app_state().workspace, _maps)
        title = studies.current_file(session).title
    maps = maps[maps["kind"] == "main"]
    images = sorted(map(str, maps["image"].unique()))
    image = request.args.get("image", images[0] if images else "")
    of_image = maps[maps["image"] == image]
    judges = sorted(map(str, of_image["judge"].unique()))
    judge = request.args.get("judge", "")
    chosen = of_image[of_image["judge"] == judge] if judge else of_image
    return render_template(
        "console/looking.html",
        title=title,
        images=images,
        image=image,
        judges=judges,
        judge=judge,
        map=_map(chosen) if len(chosen) else None,
        seconds=_by_judge(of_image),
    )


def _maps(session: Session, _workspace: Workspace) -> pd.DataFrame:
    return looking_tables(session)[MAPS]


def _by_judge(maps: pd.DataFrame) -> list[tuple[str, str]]:
    sums = maps.groupby("judge")["seconds"].sum() if len(maps) else pd.Series(dtype=float)
    return [(str(judge), f"{seconds:.0f}") for judge, seconds in sums.items()]


def _map(maps: pd.DataFrame) -> dict[str, Any]:
    """The cells of these trials together, in pixels of a picture that is `WIDTH` wide."""
    first = maps.iloc[0]
    width, height, cell = int(first["width"]), int(first["height"]), int(first["cell"])
    cells = np.sum([np.array(row.split(), dtype=float) for row in maps["cells"]], axis=0)
    across = -(-width // cell)
    top, scale = max(float(cells.max()), 1e-9), WIDTH / width
    return {
        "width": WIDTH,
        "height": round(height * scale, 1),
        "cell": round(cell * scale, 2),
        "trials": len(maps),
        "most": f"{top:.1f}",
        "cells": [
            Cell(
                round(number % across * cell * scale, 1),
                round(number // across * cell * scale, 1),
                round(float(seconds) / top * 0.85, 3),
                f"{seconds:.1f}",
            )
            for number, seconds in enumerate(cells)
            if seconds > 0
        ],
    }


def _has(table: pd.DataFrame, name: str, value: str) -> pd.Series:
    """Which rows are of this judge, image, kind or team; of a pair either team."""
    columns = _columns(table, name)
    if not columns:
        return pd.Series(data=False, index=table.index)
    return (table[columns].astype(str) == value).any(axis=1)


def _values(table: pd.DataFrame, name: str) -> list[str]:
    return sorted({str(value) for column in _columns(table, name) for value in table[column].unique()})


def _columns(table: pd.DataFrame, name: str) -> list[str]:
    asked = ("team", "team_a", "team_b") if name == "team" else (name,)
    return [column for column in asked if column in table]


def _sortable(value: Any) -> Any:
    return None if pd.isna(value) else value


def _cell(value: Any) -> str:
    if _sortable(value) is None:
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
