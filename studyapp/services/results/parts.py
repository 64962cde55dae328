"""Where a study's S2 and EScore come from: given by hand in the study folder, or made and kept in var/.

What is given by hand wins as a whole: scores.csv over var/scores, measures.csv over var/measures.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.efficiency.measures import read_measures
from analysis.paired.images import Decoder
from analysis.parts import Parts
from analysis.ranking import read_given_scores
from analysis.rule import Rule
from analysis.texts import say
from studyapp.errors import StudyError
from studyapp.services.ground.scoring_rules import formula_of, needs_pairs
from studyapp.services.paired.kept_measures import MEASURES, REPLACED
from studyapp.services.paired.score_files import SavedScores, changed_files, note_times, read_saved
from studyapp.settings import Folders
from studyapp.study.study_file import StudyFile

SCORES = "scores.csv"
_NAMED = 3


@dataclass(frozen=True)
class StudyParts:
    """The parts besides the user study.

    Attributes
    ----------
    parts
        For the analysis.
    about
        Formula and definitions of computed scores, as var/scores keeps them; empty for those given by hand.
    notes
        Where each part comes from, and what is odd about it.
    """

    parts: Parts = field(default_factory=Parts)
    about: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def parts_of(root: Path, file: StudyFile, disqualified: Collection[str] = ()) -> StudyParts:
    """Read S2 and EScore of a study, without disqualified teams.

    EScore ranks all models that were measured: a disqualified team's is taken out afterwards.

    Parameters
    ----------
    file
        The rules that the study goes by.

    Raises
    ------
    StudyError
        When the ranking needs S2 and the computed scores cannot be used: images or the formula changed since.
    AnalysisError
        When a table cannot be read.
    """
    notes: list[str] = []
    by_hand = _by_hand(root / SCORES, file.rule, disqualified)
    saved = _computed(root, file, by_hand, notes)
    paired = None if saved is None else _without(saved.images, disqualified)
    measures = _measures(root, notes)
    parts = Parts(by_hand, paired, measures)
    teams = [team.id for team in file.teams if team.id not in disqualified]
    notes += [
        say("no S2 for %(team)s: none of its results were scored", team=team)
        for team in _lacking(paired, teams)
    ]
    notes += [
        say("no EScore for %(team)s: its model was not measured", team=team)
        for team in _lacking(measures, teams)
    ]
    return StudyParts(parts, {} if saved is None else saved.about, (*parts.notes, *notes))


def _lacking(table: pd.DataFrame | None, teams: Sequence[str]) -> list[str]:
    return [] if table is None else [team for team in teams if team not in set(table["team"])]


def _by_hand(path: Path, rule: Rule, disqualified: Collection[str]) -> pd.DataFrame | None:
    return _without(read_given_scores(path, rule), disqualified) if path.is_file() else None


def _computed(
    root: Path, file: StudyFile, by_hand: pd.DataFrame | None, notes: list[str]
) -> SavedScores | None:
    """Return the computed scores if they count and can be used; a note says why not."""
    folder = Folders(root).scores
    if by_hand is not None and "s2" in by_hand:
        notes.append(say("S2 is from %(file)s, which was provided", file=SCORES))
        if folder.exists():
            notes.append(say("the scores of `studyapp score` are not used, because a provided file wins"))
        return None
    try:
        saved = read_saved(folder)
        if saved is not None:
            _check(root, file, saved, notes)
    except StudyError as error:
        if needs_pairs(file):
            raise
        notes.append(say("S2 is left out: %(why)s", why=error.args[0] if error.args else str(error)))
        return None
    if saved is None and needs_pairs(file):
        raise StudyError(
            say(
                "the rule %(rule)s needs scores of images: run `studyapp score DIR`, or put them "
                "into %(file)s",
                rule=file.rule.final.score.text,
                file=SCORES,
            )
        )
    return saved


def _check(root: Path, file: StudyFile, saved: SavedScores, notes: list[str]) -> None:
    formula = formula_of(file)
    if saved.formula != formula:
        raise StudyError(
            say(
                "the images were scored by %(scored)s, but the study's formula is %(formula)s; run "
                "`studyapp score DIR` again",
                scored=saved.formula.text(),
                formula=formula.text(),
            )
        )
    if saved.lacking:
        raise StudyError(
            say("there is no SCORE: %(why)s; then run `studyapp score DIR` again", why=saved.lacking[0])
        )
    if saved.about["pixels"] != Decoder(file.policy).rules:
        raise StudyError(
            say("the images were scored by other rules for their colours; run `studyapp score DIR` again")
        )
    changed, noted = changed_files(root, saved.files)
    if noted != saved.files:
        note_times(Folders(root).scores, noted)
    gone = [item for item in changed if item.endswith("is gone")]
    different = [item for item in changed if item not in gone]
    if different:
        raise StudyError(
            say(
                "images changed after they were scored: %(files)s; run `studyapp score DIR` again",
                files=_some(different),
            )
        )
    if gone:
        notes.append(say("scored images that no longer exist: %(files)s", files=_some(gone)))
    notes.extend(f"{row['team']}, {row['image']}: {row['problem']}" for row in saved.about["problems"])


def measures_file(root: Path) -> Path | None:
    """Return the table of what models cost that counts; None without any."""
    given, made = root / MEASURES, Folders(root).measures / MEASURES
    return next((path for path in (given, made) if path.is_file()), None)


def _measures(root: Path, notes: list[str]) -> pd.DataFrame | None:
    path = measures_file(root)
    if path is None:
        return None
    notes.append(say("EScore is from %(file)s", file=path.relative_to(root).as_posix()))
    table = read_measures(path)
    notes += [
        say("EScore of %(team)s is of an earlier model: a later one is not measured yet", team=row["team"])
        for row in table.to_dict("records")
        if REPLACED in str(row.get("remarks", ""))
    ]
    return table


def _without(table: pd.DataFrame, teams: Collection[str]) -> pd.DataFrame:
    return table[~table["team"].isin(teams)].reset_index(drop=True)


def _some(items: list[str]) -> str:
    named, more = ", ".join(items[:_NAMED]), len(items) - _NAMED
    return named if more < 1 else say("%(named)s and %(more)s more", named=named, more=more)
