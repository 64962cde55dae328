"""What a reader of results must know besides the votes: who was excluded, what was amended or is missing."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, BinaryIO

from analysis.errors import AnalysisError
from analysis.json_text import read_json


@dataclass(frozen=True)
class StudyNotes:
    """The notes of a study (notes.json of an export).

    Attributes
    ----------
    lines
        What happened, one sentence each, in order.
    disqualified
        Teams that were removed from the votes; the picks after them moved up.
    withdrawn
        Judges whose ballots were removed from the votes.
    conflicts
        By judge, the teams that the judge was never shown because of a conflict of interest.
    test_judges
        The number of test judges, who do not count.
    images
        The number of images in the study; None if unknown.
    conclusions
        What the ranking alone does not show (`analysis.conclusions`); a report makes its own.
    """

    lines: tuple[str, ...] = ()
    disqualified: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    conflicts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    test_judges: int = 0
    images: int | None = None
    conclusions: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the notes as `read_notes` reads them."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    def renamed(self, teams: Mapping[str, str]) -> "StudyNotes":
        """Return the notes with other names for the teams."""
        return replace(
            self,
            disqualified=tuple(teams.get(team, team) for team in self.disqualified),
            conflicts={
                judge: tuple(teams.get(team, team) for team in own) for judge, own in self.conflicts.items()
            },
        )

    def numbered(self, judges: Mapping[str, str]) -> "StudyNotes":
        """Return the notes without the names of judges: those that count get their numbers."""
        lines = self.lines
        for judge in sorted([*self.withdrawn, *self.conflicts], key=len, reverse=True):
            lines = tuple(line.replace(judge, judges.get(judge, "a judge")) for line in lines)
        return replace(
            self,
            lines=lines,
            withdrawn=("a judge",) * len(self.withdrawn),
            conflicts={judges[judge]: own for judge, own in self.conflicts.items() if judge in judges},
        )


def read_notes(source: BinaryIO) -> StudyNotes:
    """Read notes.json of an export.

    Raises
    ------
    AnalysisError
        If the file is not valid, naming what is wrong.
    """
    name = getattr(source, "name", "<stdin>")
    try:
        data = read_json(source.read())
    except ValueError as error:
        raise AnalysisError(f"{name} is not valid JSON ({error}); give notes.json of an export") from error
    known = {field.name for field in fields(StudyNotes)}
    if not isinstance(data, dict) or set(data) - known:
        odd = ", ".join(sorted(set(data) - known)) if isinstance(data, dict) else "not an object"
        raise AnalysisError(f"{name}: {odd}; notes have {', '.join(sorted(known))}")
    return StudyNotes(**{key: _checked(key, value, name) for key, value in data.items()})


def _checked(key: str, value: Any, name: str) -> Any:
    if key in ("lines", "disqualified", "withdrawn", "conclusions") and _texts(value):
        return tuple(value)
    if key == "conflicts" and isinstance(value, dict) and all(map(_texts, value.values())):
        return {judge: tuple(teams) for judge, teams in value.items()}
    whole = {"test_judges": (int,), "images": (int, type(None))}.get(key, ())
    if type(value) in whole:
        return value
    raise AnalysisError(f"{name}: {key} is {value!r}; give notes.json of an export, unchanged")


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
