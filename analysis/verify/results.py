"""The results: answers and their scores match the ledger, and no table hides a simulation."""

import math
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.amounts import how_many
from analysis.user_study.read import Answers, user_study, validate_answers
from analysis.verify.evidence import seconds_by_trial
from analysis.verify.parts import ledger_rule
from analysis.verify.record import MisfitError
from analysis.verify.replay import Replay
from analysis.verify.seal import compare_rows, read_rows

SCORES = {"votes": "points.csv", "pairs": "worths.csv", "ratings": "opinions.csv"}
"""The file with the scores of each table of answers."""
INPUTS = ("scores.csv", "paired.csv", "measures.csv", "columns.csv")
"""Tables that no answer is in."""
COUNTS = ("slot", "rank", "position", "revision", "score")
MARK = "'"
"""Put before a name that a spreadsheet would run as a formula, or that begins with it; never part of one."""

ABOUT = ("position", "revision", "at", "trial", "simulated", "kind")
"""What every answer has besides the answer itself."""


def answer_columns(replay: Replay) -> tuple[str, ...]:
    """Name the columns of the table of answers that follow from the ledger."""
    return ("judge", "image", *replay.protocol.columns, *ABOUT)


def check_answers(replay: Replay, folder: Path) -> str:
    """votes.csv, pairs.csv or ratings.csv has every complete ballot of the judges who count, and no others.

    Seconds come from the evidence in looking.jsonl, which has the hashes that the ledger names.
    """
    name, columns = f"{replay.protocol.table}.csv", answer_columns(replay)
    expected = answer_rows(replay)
    if replay.protocol.table == "votes":
        expected = sorted(expected, key=_place)
    wanted, found = (
        [
            tuple(_whole(cell) if key in COUNTS else cell for key, cell in zip(columns, row, strict=True))
            for row in rows
        ]
        for rows in (expected, read_rows(folder / name, columns))
    )
    compare_rows(name, columns, wanted, found)
    seconds, trial = seconds_by_trial(replay, folder), columns.index("trial")
    timed = ("judge", "image", "trial", "seconds")
    told = [(*row[:2], row[trial], str(seconds.get(row[trial], ""))) for row in expected]
    compare_rows(name, timed, told, read_rows(folder / name, timed))
    ballots = len({row[trial] for row in expected})
    judges = len({row[0] for row in expected})
    return f"{how_many(ballots, 'complete ballots')} of {how_many(judges, 'judges')}"


def check_scores(replay: Replay, folder: Path) -> str:
    """points.csv, worths.csv or opinions.csv follows from the answers."""
    name = SCORES[replay.protocol.table]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = user_study(answers_of(replay), ledger_rule(replay)).scores_table().set_index("team")
    compare_numbers(name, expected, folder, tuple(map(str, expected.columns)))
    return f"scores of {how_many(len(expected), 'teams')}"


def plain(text: str) -> str:
    """Write a text as a cell: with the mark if a spreadsheet would run it, or if it begins with the mark."""
    begin = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
    return MARK + text if text.startswith((MARK, *begin)) or text.lstrip().startswith(begin) else text


def answer_rows(replay: Replay) -> list[tuple[str, ...]]:
    """Return the rows of the table of answers as text: main trials, and hidden checks, which never count."""
    rows = []
    counting = {judge.label for judge in replay.counting}
    for trial in sorted(
        replay.trials.values(), key=lambda trial: (replay.judges[trial.judge].number, trial.position)
    ):
        event = replay.current.get(trial.public_id)
        if (
            trial.judge not in counting
            or trial.kind == "practice"
            or event is None
            or not event.body["complete"]
        ):
            continue
        shown = {
            slot: team for slot, team in enumerate(trial.slots, start=1) if team not in replay.disqualified
        }
        body = event.body
        about = (str(trial.position), str(body["revision"]), body["saved_at"], trial.public_id,
                 str(replay.rules["simulated"]), trial.kind)  # fmt: skip
        rows += [
            (trial.judge, trial.image, *row.values(), *about)
            for row in replay.protocol.rows(body["answer"], shown)
        ]
    return rows


def _place(row: tuple[str, ...]) -> tuple[str, ...]:
    """Rows stand by judge, image, kind, trial and team."""
    judge, image, team, *_, trial, _, kind = row
    return judge, image, kind, trial, team


def answers_of(replay: Replay) -> Answers:
    """Return the answers that the ledger gives, as the analysis takes them."""
    table = pd.DataFrame(answer_rows(replay), columns=pd.Index(answer_columns(replay)))
    table = table[["judge", "image", *replay.protocol.columns, "kind"]]
    numbers = [name for name in ("slot", "rank", "score") if name in table]
    table = table.assign(**{name: pd.to_numeric(table[name]) for name in numbers})
    return validate_answers(replay.protocol.table, table, scale=replay.protocol.scale)


def check_simulated(replay: Replay, folder: Path) -> str:
    """Every table says that simulated votes are simulated, and no others."""
    simulated = replay.rules["simulated"]
    tables = sorted(path.name for path in folder.glob("*.csv") if path.name not in INPUTS)
    for name in tables if simulated else ():
        for line, (text,) in enumerate(read_rows(folder / name, ("simulated",)), start=2):
            if text != "True":
                raise MisfitError(
                    f"{name}, line {line}: simulated is {text!r}, but the answers are simulated"
                )
    return f"the answers are {'' if simulated else 'not '}simulated"


def compare_numbers(name: str, expected: pd.DataFrame, folder: Path, columns: tuple[str, ...]) -> None:
    """Raise at the first number that is not the expected one, row by row in the expected order of teams.

    Raises
    ------
    MisfitError
        Naming the line of the file, the column, and what the ledger gives.
    """
    rows = read_rows(folder / name, ("team", *columns))
    teams = [row[0] for row in rows]
    if teams != list(expected.index):
        raise MisfitError(
            f"{name} lists {', '.join(teams)}, but the ledger gives {', '.join(expected.index)}"
        )
    for line, row in enumerate(rows, start=2):
        for column, text in zip(columns, row[1:], strict=True):
            wanted: Any = expected.loc[row[0], column]
            if not _same_number(text, math.nan if pd.isna(wanted) else float(wanted)):
                raise MisfitError(
                    f"{name}, line {line} ({row[0]}): {column} is {text}, but the ledger gives {wanted}"
                )


def _same_number(text: str, wanted: float) -> bool:
    if not text or math.isnan(wanted):
        return not text and math.isnan(wanted)
    try:
        return math.isclose(float(text), wanted, rel_tol=1e-9, abs_tol=1e-9)
    except ValueError:
        return False


def _whole(text: str) -> str:
    """Read 3.0 as 3: counts may be written with decimals. (An image called 3.0 keeps its name.)"""
    return text.removesuffix(".0")
