"""The table of metrics of single candidates, and which way each metric goes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO

import numpy as np
import pandas as pd

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.json_text import read_json
from analysis.metrics_against_judges.scene import Metric
from analysis.paired.definitions import DEFINITIONS, Direction
from analysis.tables import Source, known_columns, labels, numbers, read_table

REQUIRED = ("team", "image")
TEXTS = ("sha256",)

_LOWER = ("brisque", "ilniqe", "piqe", "pi", "gmsd", "mad", "pieapp", "stlpips", "lpips-vgg")
_HIGHER = (
    *("score", "s2", "nrqm", "musiq", "musiq-ava", "musiq-paq2piq", "musiq-spaq", "maniqa", "maniqa-kadid"),
    *("maniqa-pipal", "clipiqa", "clipiqa+", "clipscore", "topiq_nr", "topiq_fr", "liqe", "liqe_mix"),
    *("qalign", "dbcnn", "hyperiqa", "tres", "cnniqa", "paq2piq", "unique", "nima", "laion_aes", "arniqa"),
    *("ms_ssim", "fsim", "vif", "vsi", "ssimc", "psnry", "ahiq", "wadiqam_nr", "wadiqam_fr", "compare2score"),
)
KNOWN: Mapping[str, Direction] = {
    **dict.fromkeys(_HIGHER, "higher"),
    **dict.fromkeys(_LOWER, "lower"),
    **{name: definition.better for name, definition in DEFINITIONS.items()},
}
"""Which way the metrics go that challenges report."""


def read_metrics(source: Source) -> pd.DataFrame:
    """Read a CSV of metrics of candidates; see `validate_metrics`."""
    return validate_metrics(read_table(source))


def validate_metrics(table: pd.DataFrame) -> pd.DataFrame:
    """Return team, image and sha256 as text, and every metric as numbers.

    Parameters
    ----------
    table
        team, image; optional sha256 (of the candidate's file); every other column is a metric, empty where a
        candidate has no value.

    Raises
    ------
    AnalysisError
        For a missing column, a candidate twice, no metric, or a value that is not a number.
    """
    what = "metrics"
    names = [str(name) for name in table.columns if str(name) not in REQUIRED]
    table = known_columns(table, REQUIRED, names, what=what)
    columns: dict[str, object] = {}
    for name in map(str, table.columns):
        if name in REQUIRED:
            columns[name] = labels(table[name], what=f"{what}, column {name}").astype(str)
        elif name in TEXTS:
            columns[name] = ["" if pd.isna(value) else str(value) for value in table[name].astype(object)]
        elif name != "simulated":
            columns[name] = numbers(table[name], what=f"{what}, column {name}")
    found = pd.DataFrame(columns)
    if not metrics_in(found):
        raise AnalysisError(f"{what}: no columns besides team and image; add one per metric")
    twice = found[found.duplicated(list(REQUIRED))]
    if len(twice):
        team, image = twice.iloc[0][list(REQUIRED)]
        raise AnalysisError(f"{what}: team {team!r} has image {image!r} twice; keep one row")
    return found


def metrics_in(table: pd.DataFrame) -> list[str]:
    """Name the columns that are metrics."""
    return [str(name) for name in table.columns if name not in (*REQUIRED, *TEXTS)]


def read_definitions(source: BinaryIO) -> list[dict[str, str]]:
    """Read which way metrics go from a definitions.json that `studyapp score` wrote.

    Raises
    ------
    AnalysisError
        When it defines none.
    """
    try:
        found = read_json(source.read())["metrics"]
        return [{"name": str(row["name"]), "better": str(row["better"])} for row in found]
    except (ValueError, LookupError, TypeError) as error:
        name = getattr(source, "name", "<stdin>")
        raise AnalysisError(
            f"{name} defines no metrics ({error}); give the definitions.json that `studyapp score` wrote"
        ) from error


def directions(
    names: Iterable[str],
    *,
    definitions: Iterable[Mapping[str, str]] = (),
    lower: Sequence[str] = (),
    higher: Sequence[str] = (),
    skip_unknown: bool = False,
) -> dict[str, Direction]:
    """Say of each metric whether higher or lower is better.

    Parameters
    ----------
    definitions
        As `studyapp score` writes them, with `name` and `better`; they go before what is known here.
    lower, higher
        What a person says; goes before everything.
    skip_unknown
        Leave out metrics of which nobody says it.

    Raises
    ------
    AnalysisError
        For a metric of which nobody says it; for one that is said to be both, or is not in the table.
    """
    names = list(names)
    both = sorted(set(lower) & set(higher))
    if both:
        raise AnalysisError(f"{both[0]} is given both as lower and as higher is better; give one")
    for name in (*lower, *higher):
        if name not in names:
            raise AnalysisError(f"no metric {name!r} in the tables; {hint(name, names)}")
    known: dict[str, Direction] = dict(KNOWN)
    for definition in definitions:
        if definition.get("better") in ("higher", "lower"):
            known[definition["name"]] = "lower" if definition["better"] == "lower" else "higher"
    known.update({name: "lower" for name in lower})
    known.update({name: "higher" for name in higher})
    unknown = [name for name in names if name not in known]
    if unknown and not skip_unknown:
        raise AnalysisError(
            f"it is unknown whether a lower or a higher {unknown[0]} is better; give --lower {unknown[0]} "
            f"or --higher {unknown[0]}"
        )
    return {name: known[name] for name in names if name in known}


def metrics_on(
    table: pd.DataFrame,
    of: str,
    teams: Sequence[str],
    better: Mapping[str, Direction],
    images: Sequence[str] | None = None,
) -> list[Metric]:
    """Lay out a table's metrics as matrices of images by teams, turned so that higher is better.

    Parameters
    ----------
    of
        "candidates" or "pairs".
    images
        Those that judges saw; without it all of the table's.
    """
    images = list(dict.fromkeys(table["image"])) if images is None else images
    rows, columns = ({name: place for place, name in enumerate(names)} for names in (images, teams))
    row, column = (
        np.array([places.get(str(name), -1) for name in table[key]], dtype=np.int64)
        for places, key in ((rows, "image"), (columns, "team"))
    )
    there = (row >= 0) & (column >= 0)
    found = []
    for name in better:
        values = np.full((len(images), len(teams)), np.nan)
        values[row[there], column[there]] = table[name].to_numpy(dtype=float)[there]
        found.append(Metric(name, better[name], of, -values if better[name] == "lower" else values))
    return found
