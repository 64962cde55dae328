"""SCORE: a weighted sum of metrics, given as a table."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args

import pandas as pd

from analysis.errors import AnalysisError
from analysis.paired.definitions import Direction


@dataclass(frozen=True)
class Term:
    """One line of the table: weight x (value - offset) / scale, or weight x (1 - that) if lower is better.

    Examples
    --------
    >>> Term("lpips", weight=20, offset=0, scale=0.4, direction="lower").of(0.1)
    15.0
    """

    metric: str
    weight: float
    offset: float
    scale: float
    direction: Direction

    def __post_init__(self) -> None:
        for name in ("weight", "offset", "scale"):
            if not math.isfinite(getattr(self, name)):
                raise AnalysisError(f"{name} of {self.metric} is {getattr(self, name)}; give a finite number")
        if self.weight <= 0 or self.scale <= 0:
            raise AnalysisError(
                f"weight {self.weight} and scale {self.scale} of {self.metric} must be above 0; "
                "a metric where less is better has the direction 'lower'"
            )
        if self.direction not in get_args(Direction):
            raise AnalysisError(f"direction {self.direction!r} of {self.metric}; give 'higher' or 'lower'")

    def of(self, value: float) -> float:
        """The term's part of SCORE for a metric's value."""
        part = (value - self.offset) / self.scale
        return self.weight * (part if self.direction == "higher" else 1 - part)


@dataclass(frozen=True)
class Formula:
    """A named SCORE. Being linear, it may be taken of each image or of the means over images alike."""

    name: str
    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        if not self.terms:
            raise AnalysisError(f"the formula {self.name!r} has no terms; give at least one metric")
        if len(set(self.metrics)) < len(self.terms):
            raise AnalysisError(f"a metric stands twice in the formula {self.name!r}: {list(self.metrics)}")

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics it needs, in the table's order."""
        return tuple(term.metric for term in self.terms)

    def as_dict(self) -> dict[str, Any]:
        """The formula as plain values, for JSON."""
        return {"name": self.name, "terms": [asdict(term) for term in self.terms]}

    def text(self) -> str:
        """The formula as one line of text.

        Examples
        --------
        >>> RAIM.text()
        '20*psnr/50 + 15*(ssim-0.5)/0.5 + 20*(1-lpips/0.4) + 40*(1-dists/0.3) + 30*(1-niqe/10)'
        """
        return " + ".join(_term_text(term) for term in self.terms)


RAIM = Formula(
    "SCORE (RAIM)",
    (
        Term("psnr", 20, 0, 50, "higher"),
        Term("ssim", 15, 0.5, 0.5, "higher"),
        Term("lpips", 20, 0, 0.4, "lower"),
        Term("dists", 40, 0, 0.3, "lower"),
        Term("niqe", 30, 0, 10, "lower"),
    ),
)
REDUCED = Formula(
    "SCORE (reduced: PSNR, SSIM, NIQE only)",
    tuple(term for term in RAIM.terms if term.metric in ("psnr", "ssim", "niqe")),
)


def formula_from_rows(name: str, rows: Iterable[Mapping[str, Any]]) -> Formula:
    """Make a formula of table rows as they stand in a study file.

    Parameters
    ----------
    name
        What the score is called wherever it is shown.
    rows
        Mappings with the keys metric, weight, offset, scale and direction; offset 0 and scale 1 may be
        left out.

    Raises
    ------
    AnalysisError
        If a key is unknown or missing, or a value cannot be used.

    Examples
    --------
    >>> formula_from_rows("mine", [{"metric": "psnr", "weight": 2, "direction": "higher"}]).text()
    '2*psnr'
    """
    known = {"metric", "weight", "offset", "scale", "direction"}
    terms = []
    for row in rows:
        unknown, missing = set(row) - known, {"metric", "weight", "direction"} - set(row)
        if unknown or missing:
            wrong = f"unknown {sorted(unknown)}" if unknown else f"missing {sorted(missing)}"
            raise AnalysisError(f"a term of the formula {name!r}: {wrong}; the keys are {sorted(known)}")
        try:
            weight, offset, scale = (
                float(row.get(key, default)) for key, default in (("weight", 0), ("offset", 0), ("scale", 1))
            )
        except (TypeError, ValueError) as error:
            raise AnalysisError(f"a term of the formula {name!r}: {error}; give numbers") from error
        terms.append(Term(str(row["metric"]), weight, offset, scale, row["direction"]))
    return Formula(name, tuple(terms))


def score(values: pd.DataFrame, formula: Formula = RAIM) -> pd.Series:
    """Return SCORE of each row.

    Parameters
    ----------
    values
        One column for each metric of the formula; a row is an image, or a team's means.
    formula
        RAIM's by default: 20 PSNR/50 + 15 (SSIM - 0.5)/0.5 + 20 (1 - LPIPS/0.4) + 40 (1 - DISTS/0.3) +
        30 (1 - NIQE/10). (The report of RAIM 2024 prints the last three as `(1 - LPIPS)/0.4` and so on,
        a misprint: every score would exceed 150, where 70 to 82 were published.)

    Returns
    -------
    pandas.Series
        NaN where a metric is missing; never approximated from the others.

    Raises
    ------
    AnalysisError
        If a metric has no column at all.

    Examples
    --------
    >>> row = {"psnr": 25.0, "ssim": 0.75, "lpips": 0.2, "dists": 0.15, "niqe": 5.0}
    >>> float(score(pd.DataFrame([row])).iloc[0])
    62.5
    """
    missing = [metric for metric in formula.metrics if metric not in values.columns]
    if missing:
        raise AnalysisError(f"{formula.name} needs {', '.join(missing)}, which was not computed")
    parts = [values[term.metric].astype(float).map(term.of) for term in formula.terms]
    return sum(parts[1:], start=parts[0]).rename("score")


def _term_text(term: Term) -> str:
    value = f"({term.metric}-{term.offset:g})" if term.offset else term.metric
    part = f"{value}/{term.scale:g}" if term.scale != 1 else value
    return f"{term.weight:g}*{part}" if term.direction == "higher" else f"{term.weight:g}*(1-{part})"
