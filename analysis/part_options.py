"""The options of every command that joins S2 and EScore: where these come from."""

from collections.abc import Callable
from typing import Any, BinaryIO

import pandas as pd

from analysis.cli import table_option
from analysis.efficiency.measures import read_measures
from analysis.paired.table import read_paired
from analysis.parts import Parts
from analysis.ranking import read_scores
from analysis.rule import Rule


def part_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --paired and --measures."""
    function = table_option("--measures", "Cost of the models; EScore is computed from it.")(function)
    return table_option("--paired", "Scores of paired images; S2 is their mean.")(function)


def read_parts(
    scores: BinaryIO | None, paired: BinaryIO | None, measures: BinaryIO | None, rule: Rule
) -> Parts:
    """Read the files that were given, with the columns that the rule needs.

    Raises
    ------
    AnalysisError
        If one of them cannot be used.
    """
    return Parts(
        None if scores is None else read_scores(scores, rule),
        _read(read_paired, paired),
        _read(read_measures, measures),
    )


def _read(reader: Callable[[BinaryIO], pd.DataFrame], source: BinaryIO | None) -> pd.DataFrame | None:
    return None if source is None else reader(source)
