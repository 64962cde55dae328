"""What the pages of one published study show, beside its images."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sqlmodel import Session

from analysis.columns import titles
from analysis.spreadsheets import read_cell
from analysis.texts import Text, say
from studyapp.services.ground.ledger import bodies, closing_digest
from studyapp.services.results.export_readme import meaning
from studyapp.services.results.ranking import StudyRanking

MOST_ROWS = 3_000
"""Of a table on a page; the file has all."""
HIDDEN = ("trial", "simulated", "image", "position", "revision", "seconds")
REASON_COLUMNS = ("judge", "team", "region", "attribute", "direction", "severity", "text")

KINDS = {
    "committed": say("The key was committed to"),
    "opened": say("The study opened"),
    "paused": say("The study was paused"),
    "resumed": say("The study resumed"),
    "amended": say("The study was amended"),
    "unsealed": say("Team identities were revealed before closing"),
    "disqualified": say("A team was disqualified"),
    "reinstated": say("A team was reinstated"),
    "withdrawn": say("A judge's answers were excluded"),
    "readmitted": say("A judge's answers count again"),
    "loss-accepted": say("Lost answers were recorded as lost"),
    "closed": say("The study closed"),
}
_SHOWN_REASONS = ("amended", "unsealed", "disqualified", "reinstated")


@dataclass(frozen=True)
class Shown:
    """A table of a page: its columns with their heads, which of them are numbers, and the rows as text."""

    names: tuple[str, ...]
    titles: Mapping[str, Text | str]
    numbers: frozenset[str]
    rows: tuple[Mapping[str, str], ...]
    count: int
    """Rows that there are; more than `rows` has where the page would be too long."""


def answers_by_image(ranking: StudyRanking, names: Mapping[str, str]) -> dict[str, Shown]:
    """Return the answers that count in any way, as tables by image; of a ballot one row."""
    table = ranking.user.answers.table
    by_image = {str(image): rows for image, rows in table.groupby(table["image"].astype(str), sort=True)}
    read = _ballots if ranking.user.table == "votes" else _rows
    heads = titles(f"{ranking.user.table}.csv", [str(name) for name in table.columns])
    return {image: read(rows, names, heads) for image, rows in by_image.items()}


def _ballots(table: pd.DataFrame, names: Mapping[str, str], heads: Mapping[str, str]) -> Shown:
    """Votes with a row for each ballot: the teams in the order of their places."""
    kinds = table["kind"].astype(str) if "kind" in table else pd.Series("main", index=table.index)
    rows, places = [], 0
    for (judge, kind), ballot in table.groupby([table["judge"].astype(str), kinds], sort=True):
        placed: dict[int, list[str]] = defaultdict(list)
        for team, rank in zip(ballot["team"], ballot["rank"], strict=True):
            if pd.notna(rank) and rank > 0:
                placed[int(rank)].append(_name(team, names))
        places = max(places, *placed, 0)
        picked = {str(place): ", ".join(sorted(placed[place])) for place in placed}
        rows.append({"judge": str(judge), "kind": str(kind)} | picked)
    columns = ("judge", *map(str, range(1, places + 1)), *(("kind",) if _several(rows) else ()))
    shown_heads = {
        **{name: heads.get(name, name) for name in ("judge", "kind")},
        **{str(place): say("Place %(place)s", place=place) for place in range(1, places + 1)},
    }
    return Shown(columns, shown_heads, frozenset(), tuple(rows[:MOST_ROWS]), len(rows))


def _several(rows: list[dict[str, str]]) -> bool:
    return len({row["kind"] for row in rows}) > 1


def _rows(table: pd.DataFrame, names: Mapping[str, str], heads: Mapping[str, str]) -> Shown:
    columns = [str(name) for name in table.columns if name not in HIDDEN and not str(name).startswith("_")]
    if "kind" in columns and table["kind"].nunique() == 1:
        columns.remove("kind")
    texts = [
        {str(name): _cell(name, value, names) for name, value in row.items()}
        for row in table[columns].head(MOST_ROWS).to_dict("records")
    ]
    numbers = {name for name in columns if pd.api.types.is_numeric_dtype(table[name])}
    return Shown(
        tuple(columns), {name: heads[name] for name in columns}, frozenset(numbers), tuple(texts), len(table)
    )


def _cell(name: Any, value: Any, names: Mapping[str, str]) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "–"
    if str(name).startswith("team"):
        return _name(value, names)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(team: Any, names: Mapping[str, str]) -> str:
    return names.get(str(team), str(team))


def reasons_by_image(reasons: pd.DataFrame, names: Mapping[str, str]) -> dict[str, Shown]:
    """Return what judges said of candidates, as tables by image."""
    heads = titles("reasons.csv")
    found = {}
    for image, rows in reasons.groupby("image", sort=True):
        columns = tuple(
            name
            for name in REASON_COLUMNS
            if name in ("judge", "team") or any(rows[name].notna() & (rows[name] != ""))
        )
        texts = tuple(
            {
                str(name): read_cell(value) if name == "text" and value else _cell(name, value or None, names)
                for name, value in row.items()
            }
            for row in rows[list(columns)].head(MOST_ROWS).to_dict("records")
        )
        found[str(image)] = Shown(columns, heads, frozenset(), texts, len(rows))
    return found


@dataclass(frozen=True)
class Proof:
    """What ties the results to what was recorded."""

    commitment: str | None
    digest: str | None
    events: tuple[tuple[str, Text | str, str], ...]
    """When, what, and of whom or why."""


def proof(session: Session, names: tuple[str, ...]) -> Proof:
    """Return commitment, digest and the study's own events; of judges only what bears on the results.

    Parameters
    ----------
    names
        Of the teams in the order of study.yaml.
    """
    return Proof(
        next((body["commitment"] for body in bodies(session, "committed")), None),
        closing_digest(session),
        tuple(_event(body, names) for body in bodies(session, *KINDS)),  # pyright: ignore[reportArgumentType]
    )


def _event(body: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, Text | str, str]:
    kind = body["kind"]
    about = [names[body["team"] - 1]] if "team" in body else [body["judge"]] if "judge" in body else []
    if kind in _SHOWN_REASONS:
        about.append(body["reason"])
    return body["at"], KINDS[kind], ": ".join(about)


@dataclass(frozen=True)
class Filed:
    """A file of the data, with what it is."""

    name: str
    size: int
    about: Text | str


def filed(files: Iterable[Path], folder: Path) -> tuple[Filed, ...]:
    """List files with what they are."""
    return tuple(
        Filed(
            name := path.relative_to(folder).as_posix(),
            path.stat().st_size,
            meaning(name),
        )
        for path in files
    )


def dictionary_of(columns: Path) -> dict[str, list[dict[str, str]]]:
    """Return columns.csv by table."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with columns.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found[row["table"]].append(row)
    return dict(found)
