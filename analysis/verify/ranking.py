"""The ranking: places, finals, awards and intervals follow from the answers, the other parts and the rule."""

import csv
import math
import warnings
from pathlib import Path

import pandas as pd

from analysis.amounts import how_many
from analysis.efficiency.measures import read_measures
from analysis.paired.table import read_paired
from analysis.parts import Parts
from analysis.ranking import join_scores, rank_teams, read_scores
from analysis.resampling.joint import joint_draws, observe, part_intervals
from analysis.user_study.base import ranking_columns
from analysis.verify.parts import MEASURES, PAIRED, SCORES, ledger_rule
from analysis.verify.printed import check_printed
from analysis.verify.record import MisfitError
from analysis.verify.replay import Replay
from analysis.verify.results import MARK, answers_of, compare_numbers
from analysis.verify.seal import compare_rows, read_rows

RANKING = "ranking.csv"


def check_ranking(replay: Replay, folder: Path) -> str:
    """ranking.csv follows from the ledger's answers, its rule and seed, and the other parts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected, formula, columns = _expected(replay, folder)
    scored = [name for name in columns if name in expected]
    names = {team["id"]: team["name"] for team in replay.opening.listing["teams"]}
    rows = [(str(team), names[str(team)], _text(award)) for team, award in expected["award"].items()]
    header = ["rank", "team", "name", *scored, "award", *(["s2_formula"] if formula else [])]
    _check_header(folder, [*header, *(["simulated"] if replay.rules["simulated"] else [])])
    compare_numbers(RANKING, expected, folder, ("rank", *scored))
    columns = ("team", "name", "award", *header[len(scored) + 4 :])
    rows = [(*row, *([formula] if formula else [])) for row in rows]
    found = [tuple(cell.removeprefix(MARK) for cell in row) for row in read_rows(folder / RANKING, columns)]
    compare_rows(RANKING, columns, rows, found)
    check_printed(expected, names, folder)
    drawn = sum(name.endswith("_low") for name in scored)
    name = ledger_rule(replay).name or "a custom rule"
    return f"{how_many(len(expected), 'teams')} by {name}, {how_many(drawn, 'columns')} of intervals"


def _expected(replay: Replay, folder: Path) -> tuple[pd.DataFrame, str | None, list[str]]:
    """Return what the export's ranking must hold, by team, the name of the formula of S2, and its columns."""
    rule = ledger_rule(replay)
    parts = Parts(
        read_scores(folder / SCORES, rule) if (folder / SCORES).exists() else None,
        read_paired(folder / PAIRED) if (folder / PAIRED).exists() else None,
        read_measures(folder / MEASURES) if (folder / MEASURES).exists() else None,
    )
    study = observe(answers_of(replay), parts, rule)
    scores = study.user.scores_table()
    teams = [str(team) for team in scores["team"]]
    joined = join_scores(scores, parts.of(teams, rule), rule)
    ranking = rank_teams(joined, rule, parts.images(rule, teams)).table
    drawn = part_intervals(joint_draws(study, seed=replay.rules["seed"]))
    more = [name for name in scores if name == "team" or name not in ranking]
    table = ranking.merge(scores[more], on="team").merge(drawn, on="team", how="left")
    return table.set_index("team"), parts.formula, ranking_columns(study.user)


def _check_header(folder: Path, expected: list[str]) -> None:
    path = folder / RANKING
    if not path.exists():
        raise MisfitError(f"{RANKING} is missing")
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = next(csv.reader(file), [])
    for name in dict.fromkeys([*expected, *found]):
        if name not in found:
            raise MisfitError(f"{RANKING} has no column {name!r}")
        if name not in expected:
            raise MisfitError(f"{RANKING} has a column {name!r} that nothing in the export explains")


def _text(cell: object) -> str:
    return "" if cell is None or (isinstance(cell, float) and math.isnan(cell)) else str(cell)
