"""What an export knows of how a study was held: its ledger, its answers, its screens, what was stated."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.answers import counted
from analysis.compliance.stated import check_stated, read_stated
from analysis.errors import AnalysisError
from analysis.json_text import read_json
from analysis.pairs import Pairs
from analysis.user_study.read import Answers, read_answers
from analysis.verify.record import MisfitError, Record, read_record
from analysis.verify.replay import Replay

STATED = "stated.json"
PAUSE = timedelta(minutes=5)
"""A gap between two answers that counts as a rest."""
_TABLES = ("votes.csv", "pairs.csv", "ratings.csv")
_DAMAGED = (MisfitError, KeyError, TypeError, ValueError, AttributeError, IndexError)


@dataclass(frozen=True)
class Facts:
    """How a study was held, as far as recorded.

    Attributes
    ----------
    rules
        As the ledger has them at the end: title, protocol, rule, simulated.
    opened, closed
        Instants (ISO 8601, UTC); None where there is no such event.
    invited, test_judges
        How many judges were invited, and how many more only to test.
    judges
        Labels of those whose answers count.
    images, teams
        How many were judged.
    answers
        How many count.
    each
        The fewest, the median and the most answers about one candidate on one image.
    practice, practised
        Whether a practice trial came first, and how many of the judges who count answered it.
    checks
        Images shown again by kind: repeats, golden.
    identical, stabilising
        Trials per judge with two identical images, and first trials that do not count.
    repeated
        Trials that judges answered a second time, unknown to them.
    withdrawn, disqualified, amended
        Label or keys and reason of each.
    conflicts
        How many judges were never shown a team because of a conflict of interest.
    minutes
        For each judge, the longest session without a break (`PAUSE`); empty if times are unknown.
    screens
        What the judges' browsers said of their screens, a line for each thing.
    stated
        What the organisers state.
    """

    rules: Mapping[str, Any]
    opened: str | None
    closed: str | None
    invited: int
    test_judges: int
    judges: tuple[str, ...]
    images: int
    teams: int
    answers: int
    each: tuple[int, float, int]
    practice: bool
    practised: int
    checks: Mapping[str, int]
    identical: int
    stabilising: int
    repeated: int
    withdrawn: tuple[tuple[str, str], ...]
    disqualified: tuple[tuple[str, str], ...]
    amended: tuple[tuple[str, str], ...]
    conflicts: int
    minutes: tuple[float, ...]
    screens: tuple[str, ...]
    stated: Mapping[str, str | bool]

    @property
    def kind(self) -> str:
        """How judges were asked."""
        return str(self.rules["protocol"]["kind"])


def read_facts(folder: Path, *, stated: Path | None = None) -> Facts:
    """Read what an export, or the export of a study folder, knows.

    Parameters
    ----------
    folder
        What `studyapp export` wrote, or a study folder that has been exported.
    stated
        A file whose key `stated` overrides the export's.

    Raises
    ------
    AnalysisError
        When there is no export, or part of it cannot be read.
    """
    if not (folder / "ledger.jsonl").exists() and (folder / "var" / "exports").is_dir():
        folder = folder / "var" / "exports"
    if not (folder / "ledger.jsonl").exists() and (folder / "study.yaml").exists():
        raise AnalysisError(f"{folder} has not been exported yet; close the study and run `studyapp export`")
    record = read_record(folder)
    table = next((folder / name for name in _TABLES if (folder / name).exists()), None)
    if table is None:
        raise AnalysisError(f"{folder} has none of {', '.join(_TABLES)}; give the folder of an export")
    try:
        return _facts(record, folder, table, stated)
    except _DAMAGED as error:
        raise AnalysisError(f"{folder}: the ledger cannot be followed ({error}); export again") from error


def _facts(record: Record, folder: Path, table: Path, stated: Path | None) -> Facts:
    rules = [event.body["rules"] for event in record.study_events("opened", "amended")][-1]
    scale = (0.0, 100.0) if rules["protocol"]["kind"] == "slider" else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = read_answers(table, scale=scale)
    events = list(record.study_events("invited"))
    test = sum(event.body["test"] for event in events)
    main = counted(answers.table)
    judges = tuple(sorted(map(str, main["judge"].unique())))
    each = _each(main, answers)
    listing = record.opening.listing if record.opening else {}
    ids = {str(number): team["id"] for number, team in enumerate(listing.get("teams", ()), start=1)}
    return Facts(
        rules,
        next((event.body["at"] for event in record.study_events("opened")), None),
        next((event.body["at"] for event in record.study_events("closed")), None),
        len(events) - test,
        test,
        judges,
        main["image"].nunique(),
        _teams(main).nunique(),
        int(main["trial"].nunique()) if "trial" in main else len(main),
        (int(each.min()), float(each.median()), int(each.max())),
        bool(listing.get("practice")),
        len(_practised(record) & set(judges)),
        {name: len(images) for name, images in listing.get("checks", {}).items()},
        int(rules["protocol"].get("identical", 0)),
        int(rules["protocol"].get("stabilising", 0)),
        _trials(answers.table, "repeat"),
        _still(record, "withdrawn", "readmitted", "judge"),
        tuple(
            (ids.get(name, f"team {name}"), reason)
            for name, reason in _still(record, "disqualified", "reinstated", "team")
        ),
        tuple(
            (", ".join(event.body["keys"]), str(event.body["reason"]))
            for event in record.study_events("amended")
        ),
        sum(bool(event.body["conflicts"]) for event in events if not event.body["test"]),
        _stretches(main),
        _screens(folder / "conditions.csv", set(judges)),
        _stated(folder, stated),
    )


def _practised(record: Record) -> set[str]:
    """The judges who answered a practice trial."""
    if record.opening is None:
        return set()
    replay = Replay(record, record.opening)
    answered = {trial for trial, event in replay.current.items() if event.body["complete"]}
    return {
        trial.judge
        for trial in replay.trials.values()
        if trial.kind == "practice" and trial.public_id in answered
    }


def _teams(main: pd.DataFrame) -> pd.Series:
    if "team" in main:
        return main["team"]
    return pd.concat([main["team_a"], main["team_b"]])


def _each(main: pd.DataFrame, answers: Answers) -> pd.Series:
    """How many answers there are about each candidate on each image."""
    if isinstance(answers, Pairs):
        sides = [main[["image", side]].rename(columns={side: "team"}) for side in ("team_a", "team_b")]
        main = pd.concat(sides)
    return main.groupby(["image", "team"], observed=True).size()


def _trials(table: pd.DataFrame, kind: str) -> int:
    if "kind" not in table or "trial" not in table:
        return 0
    return int(table.loc[table["kind"] == kind, "trial"].nunique())


def _still(record: Record, out: str, back: str, key: str) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for event in record.study_events(out, back):
        name = str(event.body[key])
        if event.body["kind"] == out:
            found[name] = str(event.body["reason"])
        else:
            found.pop(name, None)
    return tuple(found.items())


def _stretches(main: pd.DataFrame) -> tuple[float, ...]:
    """Minutes of each judge's longest work without a rest, by when answers were saved."""
    if "at" not in main or main["at"].isna().any():
        return ()
    found = []
    for _, own in main.drop_duplicates(["judge", "at"]).groupby("judge", observed=True):
        times = sorted(datetime.fromisoformat(str(at)) for at in own["at"])
        begin, longest = times[0], timedelta(0)
        for before, after in pairwise(times):
            if after - before > PAUSE:
                begin = after
            longest = max(longest, after - begin)
        found.append(longest.total_seconds() / 60)
    return tuple(found)


def _screens(path: Path, judges: set[str]) -> tuple[str, ...]:
    """Say what browsers reported at the screen check, for each judge the last report."""
    if not path.exists():
        return ()
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table[(table["kind"] == "check") & table["judge"].isin(judges)]
    last = table.groupby("judge").last()
    if last.empty:
        return ()
    size = (last["screen_width"] + " x " + last["screen_height"] + " CSS pixels").where(
        last["screen_width"] != "", ""
    )
    lines = [f"{len(last)} of {len(judges)} judges' browsers described the screen"]
    for what, values in (
        ("size", size),
        ("device pixels to a CSS pixel", last["dpr"]),
        ("zoom", last["zoom"]),
        ("gamut", last["gamut"]),
        ("pictures exact", last["exact"]),
        ("kind", last["panel"]),
        ("light in the room", last["light"]),
        ("viewing distance, cm", last["distance_cm"]),
        ("high dynamic range", last["hdr"]),
        ("checkerboard looked", last["checkerboard"]),
        ("dark squares seen, of five", last["dark"]),
        ("bright squares seen, of five", last["bright"]),
    ):
        counts = values[values != ""].value_counts().sort_index()
        if len(counts):
            lines.append(f"{what}: " + ", ".join(f"{value} ({count})" for value, count in counts.items()))
    return tuple(lines)


def _stated(folder: Path, stated: Path | None) -> dict[str, str | bool]:
    found: dict[str, str | bool] = {}
    if (folder / STATED).exists():
        try:
            found = check_stated(read_json((folder / STATED).read_text(encoding="utf-8")), what=STATED)
        except (OSError, ValueError) as error:
            raise AnalysisError(f"{folder / STATED} is no JSON ({error}); export again") from error
    return found | (read_stated(stated) if stated is not None else {})
