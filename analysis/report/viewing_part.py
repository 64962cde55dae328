"""Section: how judges looked, and whether their agreement with the others goes with it."""

from collections.abc import Iterable

import pandas as pd

from analysis.amounts import how_many
from analysis.report.blocks import Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import span
from analysis.viewing.covariates import FEWEST, Covariates, covariates

CONDITIONS = {
    "exact": "Pictures shown exactly",
    "checkerboard": "Single pixels looked",
    "gamut": "Gamut of the screen",
    "hdr": "High dynamic range",
    "touch": "Touch screen",
    "light": "Light in the room",
    "brightness": "Brightness of the screen",
    "blue_light": "Night light",
    "auto_brightness": "Automatic brightness",
    "panel": "Kind of screen",
    "colours": "Colours in the screening",
    "pixels_per_degree": "Pixels per degree",
    "window": "Window, megapixels",
    "dpr": "Device pixels per CSS pixel",
    "distance_cm": "Viewing distance, cm",
    "dark": "Dark squares seen, of five",
    "bright": "Bright squares seen, of five",
    "acuity": "Acuity in the screening",
}
VALUES = {
    "red_green": "red and green not",
    "blue_yellow": "blue and yellow not",
    "True": "yes",
    "False": "no",
}
_MEASURES = {
    "votes": "the Spearman correlation of a judge's ranks with the sum of the others'",
    "pairs": "the mean log-likelihood of a judge's answers under a model of the others (0 is the highest)",
    "ratings": "the Pearson correlation of a judge's ratings with the mean of the other judges",
}


def viewing_section(study: Study) -> list[Section]:
    """How judges looked, in numbers, and agreement by condition; empty if nothing was reported."""
    judges = study.conditions
    if judges is None or judges.empty:
        return []
    found = covariates(judges, study.with_the_others)
    return [Section("Viewing conditions", (Text(_reported(study, judges)), *_compared(study, found)))]


def _reported(study: Study, judges: pd.DataFrame) -> str:
    """What was reported, in a few sentences."""
    known = judges[judges.index.isin(study.user.judges)]
    judges_of_study = how_many(len(study.user.judges), "judges")
    text = [f"The browsers of {len(known)} of {judges_of_study} reported how they looked."]
    if "exact" in known and known["exact"].notna().any():
        exact = int((known["exact"] == "yes").sum())
        text.append(f"{exact} of {int(known['exact'].notna().sum())} showed the pixels of files as they are.")
    moved = int((known["changes"] > 0).sum())
    text.append(f"Screen or window changed during the judging of {how_many(moved, 'judges')}.")
    if outside := int(known["was_outside"].sum()):
        text.append(f"{how_many(outside, 'judges')} judged outside the study's limits for a time.")
    return " ".join(text)


def _compared(study: Study, found: Covariates) -> list[Text | Table]:
    if not (found.groups or found.trends):
        return [Text("As far as is known, all judges looked in the same way.")]
    blocks: list[Text | Table] = [Text(_in_words(study, found))]
    if found.groups:
        blocks.append(
            Table(
                "Agreement with the others, by condition. Against the rest: difference from the judges with "
                f"any other value. Groups of fewer than {FEWEST} judges are counted only.",
                _groups(found),
            )
        )
    if found.trends:
        blocks.append(Table("Rank correlation of conditions with agreement, over judges.", _trends(found)))
    return blocks


def _in_words(study: Study, found: Covariates) -> str:
    text = (
        f"Agreement is {_MEASURES[study.user.table]}. Judges chose their screens and rooms themselves, so "
        "whatever goes with a condition need not come from it. With so few judges only large differences "
        "show: where an interval contains 0, this study cannot say whether the condition matters."
    )
    if not found.compared:
        return f"{text} No comparison has enough judges for an interval."
    comparisons = how_many(found.compared, "comparisons")
    return (
        f"{text} Of {comparisons} with an interval, {found.apart or 'none'} "
        f"{'is' if found.apart <= 1 else 'are'} clear of 0; if no condition mattered, up to about "
        f"{0.05 * found.compared:.1f} would be, too."
    )


def _groups(found: Covariates) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Condition": [CONDITIONS[group.condition] for group in found.groups],
            "Value": [VALUES.get(group.value, group.value) for group in found.groups],
            "Judges": [group.judges for group in found.groups],
            "Agreement": _floats(group.mean for group in found.groups),
            "95 % interval": [span(group.interval) for group in found.groups],
            "Against the rest": _floats(group.difference for group in found.groups),
            "its 95 % interval": [span(group.difference_interval) for group in found.groups],
        }
    )


def _trends(found: Covariates) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Condition": [CONDITIONS[trend.condition] for trend in found.trends],
            "Judges": [trend.judges for trend in found.trends],
            "Lowest": _floats(trend.lowest for trend in found.trends),
            "Median": _floats(trend.median for trend in found.trends),
            "Highest": _floats(trend.highest for trend in found.trends),
            "Correlation": _floats(trend.correlation for trend in found.trends),
            "95 % interval": [span(trend.interval) for trend in found.trends],
        }
    )


def _floats(values: Iterable[float | None]) -> pd.Series:
    return pd.Series(list(values), dtype=float)
