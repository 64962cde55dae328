"""var/scores: what `studyapp score` found, and whether the files it belongs to are still the same."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.files import file_sha256, write_whole
from analysis.json_text import read_json
from analysis.paired.scores import team_means
from analysis.paired.table import metrics_of, read_paired
from analysis.rule.entry import Entry, read_entry
from studyapp.errors import StudyError

IMAGES, TEAMS, DEFINITIONS, FILES = "images.csv", "teams.csv", "definitions.json", "files.json"
NAMES = (IMAGES, TEAMS, DEFINITIONS, FILES)


@dataclass(frozen=True)
class SavedScores:
    """What lies in var/scores.

    Attributes
    ----------
    images
        A row for each team and image; `analysis.paired.table` describes the columns.
    teams
        The means over images.
    about
        Formula, definitions of the metrics, what is missing and why; ready for JSON.
    files
        Path in the study folder -> sha256, size, mtime_ns of the file when it was scored.
    """

    images: pd.DataFrame
    teams: pd.DataFrame
    about: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def lacking(self) -> list[str]:
        """What kept metrics of the formula from being computed: then there is no SCORE."""
        computed = {metric["name"] for metric in self.about["metrics"]}
        without = [f"{metric} " for metric in self.formula.score.names() if metric not in computed]
        return [message for message in self.about["missing"] if message.startswith(tuple(without))]

    @property
    def formula(self) -> Entry:
        """The formula that the scores were made by."""
        return read_entry("s2", self.about["formula"])


def write_scores(folder: Path, scores: SavedScores) -> list[Path]:
    """Write var/scores and return the paths; files.json comes last and says which tables belong together."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        IMAGES: scores.images.to_csv(index=False, lineterminator="\n"),
        TEAMS: scores.teams.to_csv(index=False, lineterminator="\n"),
        DEFINITIONS: json.dumps(scores.about, indent=2, ensure_ascii=False) + "\n",
    }
    whole = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    texts[FILES] = marker(whole, scores.files)
    return [write_whole(folder / name, text) for name, text in texts.items()]


def note_times(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    """Write down new times of files whose content is the same, so that it is not read again every time."""
    tables = json.loads((folder / FILES).read_text(encoding="utf-8"))["tables"]
    with suppress(PermissionError):  # an archive that cannot be written to is only slower
        write_whole(folder / FILES, marker(tables, files))


def marker(tables: Mapping[str, str], files: Mapping[str, Mapping[str, Any]]) -> str:
    """Return files.json: which tables belong together, and the files that they are about."""
    return json.dumps({"tables": tables, "files": files}, indent=1, ensure_ascii=False) + "\n"


def read_saved(folder: Path) -> SavedScores | None:
    """Read var/scores; None where nothing has been scored.

    Raises
    ------
    StudyError
        When the tables do not belong together: a run was cut off while writing, or one was changed by hand.
    """
    if not (folder / FILES).exists():
        return None
    again = "run `studyapp score DIR` again"
    try:
        marker = read_json((folder / FILES).read_text(encoding="utf-8"))
        if set(marker["tables"]) != {IMAGES, TEAMS, DEFINITIONS}:
            raise ValueError(f"{FILES} does not name {IMAGES}, {TEAMS} and {DEFINITIONS}")
        for name, digest in marker["tables"].items():
            if file_sha256(folder / name) != digest:
                raise StudyError(f"{folder / name} is not what `studyapp score` wrote; {again}")
        about = read_json((folder / DEFINITIONS).read_text(encoding="utf-8"))
        images = read_paired(folder / IMAGES)
        formula, _ = read_entry("s2", about["formula"]), about["pixels"]
        files = {name: known_file(then) for name, then in marker["files"].items()}
        return SavedScores(images, means_table(images, formula), about, files)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, AnalysisError) as error:
        raise StudyError(f"{folder} cannot be read ({error}); {again}") from error


def known_file(then: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a file, or raise ValueError."""
    known = {"size": then["size"], "mtime_ns": then["mtime_ns"], "sha256": then["sha256"]}
    if [type(value) for value in known.values()] != [int, int, str]:
        raise ValueError(f"{FILES} has {known} of a file")
    return known


def means_table(images: pd.DataFrame, formula: Entry) -> pd.DataFrame:
    """Return teams.csv: the means of the teams, with the formula."""
    means = team_means(images, metrics_of(images), formula)
    means.insert(1, "formula", formula.score.text)
    return means


def describe_files(root: Path, paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Return size and modification time of the files that are there, by their path in the study folder."""
    found = {}
    for path in sorted(set(paths)):
        if path.is_file():
            status = path.stat()
            name = path.relative_to(root).as_posix()
            found[name] = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
    return found


def changed_files(
    root: Path, files: Mapping[str, Mapping[str, Any]]
) -> tuple[list[str], dict[str, Mapping[str, Any]]]:
    """Name the files that are no longer what was scored, and return `files` with the times of the others.

    Size and modification time tell an untouched file; with another time the content decides.
    """
    found, noted = [], dict(files)
    for name, then in files.items():
        path = root / name
        if not path.is_file():
            found.append(f"{name} is gone")
            continue
        status = path.stat()
        if (status.st_size, status.st_mtime_ns) == (then["size"], then["mtime_ns"]):
            continue
        if status.st_size != then["size"] or file_sha256(path) != then["sha256"]:
            found.append(f"{name} changed")
        else:
            noted[name] = {**then, "mtime_ns": status.st_mtime_ns}
    return found, noted
