"""Sections: the final ranking, and the points behind it."""

from string import ascii_letters

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.columns import decimals, titles
from analysis.output import telling_decimals
from analysis.plots.canvas import short_names
from analysis.plots.heat import heat_map
from analysis.plots.teams import interval_plot, stacked_places
from analysis.ranking import ASKED
from analysis.report.basis import size_in_words
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import span
from analysis.scripts import isolated

HEADS = titles("ranking.csv")
SCORES = ("Final", "S2", "S3", "S3n", "EScore", *(HEADS[name] for name in ASKED[2:]))
DECIMALS = {HEADS[name]: places for name, places in decimals("ranking.csv", ("s3n", *ASKED[2:])).items()}
_MOST_PLACES = 10
"""Columns of the table of places."""


def ranking_section(study: Study) -> Section:
    """The final ranking with its parts."""
    table = study.ranking.table
    if "s3n" in study.table:
        table = table.merge(study.table[["team", "s3n"]], on="team")
    asked = [name for name in ("s3", "s3n", *ASKED[2:]) if name in table]
    columns = ["rank", "team", "final", "s2", *asked, "escore", "award"]
    frame = table[[name for name in columns if name in table]].rename(columns=HEADS)
    rule = f"Final: {study.rule.text}. {_scores_in_words(study)}"
    digits = telling_decimals(table["final"])
    frame.insert(
        3, "95 % interval", [span(study.bootstrap["final"][team]["ci"], digits) for team in study.teams]
    )
    frame["Group"] = [_letters(study, team) for team in study.teams]
    notes = [
        Text(f"Note: {note}.") for note in (*study.user.remarks, *study.ranking.notes, *study.conclusions)
    ]
    reason = study.bootstrap.get("s3n_undefined")
    if reason and not any(reason in note.text for note in notes):
        notes.append(Text(f"Note: {reason}."))
    if study.bootstrap.get("unshown"):
        notes.append(Text(f"Note: {study.bootstrap['unshown']}."))
    parts = _parts(study)
    caption = "Final ranking. Equal finals share the better rank; a team without a final has no rank."
    groups = (
        "The study does not separate teams that share a letter in the column Group: the simultaneous 95 % "
        f"interval of their difference in {study.compared} contains 0. Intervals resample judges and "
        f"images together{_also(study)}. Overlapping intervals alone do not mean that two teams are equal."
    )
    plot = Plot(
        f"Final scores of {how_many(len(study.teams), 'teams')} with 95 % intervals "
        f"({drawn_in_words(study)}). Bars on the right join teams that the study does not separate. An open "
        f"dot has no interval.{names_in_words(study)}",
        "Dots with whiskers, one per team, in the order of the ranking.",
        lambda: interval_plot(study.teams, *_limits(study), groups=_groups(study), label="final score"),
    )
    return Section(
        "Final ranking",
        (Table(caption, frame, DECIMALS, SCORES), Text(rule), *parts, plot, Text(groups), *notes),
    )


def drawn_in_words(study: Study) -> str:
    """What the intervals of finals were resampled over, for a caption."""
    if study.bootstrap["final"][study.teams[0]]["ci"] is None:
        return "not known"
    return f"{how_many(study.bootstrap['draws'], 'resamples')} of judges and images{_also(study)}"


def names_in_words(study: Study) -> str:
    """Which names the plots cut, in full."""
    both = zip(short_names(study.teams), study.teams, strict=True)
    cut = [f"{name} for {team}" for name, team in both if name != isolated(team)]
    return f" Names are cut in plots: {'; '.join(cut)}." if cut else ""


def _scores_in_words(study: Study) -> str:
    """What the scores of the answers are."""
    if study.user.table == "pairs":
        return (
            "Bradley-Terry (bt) is a team's log worth from the comparisons, with a tie as half a win for "
            "each team: one team is preferred to another with odds exp(difference). The worths add up to "
            "0."
        )
    if study.user.table == "ratings":
        low, high = study.ratings.scale
        said = (
            f"MOS (mos) is the mean over the images of the judges' mean score, from {low:g} to {high:g}. "
            "The hidden reference and anchor are rated but not ranked."
        )
        difference = " DMOS (dmos) takes each judge's own score of the hidden reference into account."
        return said + (difference if "dmos" in study.user.observed else "")
    points = ", ".join(f"{value:g}" for value in study.rule.points)
    return (
        "S3 (u in formulas) sums, over the images, a team's mean points from the judges who were shown it "
        f"({points} points for the first places); S3n (minmax(u)) scales S3 to 0..1."
    )


def _parts(study: Study) -> list[Table | Text]:
    """Each part with its interval, where there is more than the user study."""
    found = [part for part in ("s2", *ASKED, "escore") if part in study.bootstrap]
    if len(found) < 2:
        return []
    frame = pd.DataFrame({"Team": study.teams})
    for part in found:
        rows = [study.bootstrap[part][team] for team in study.teams]
        frame[HEADS[part]] = [row["mean"] for row in rows]
        digits = telling_decimals(pd.Series([row["mean"] for row in rows], dtype=float))
        frame[f"{HEADS[part]}, 95 % interval"] = [span(row["ci"], digits) for row in rows]
    frame = frame.astype({HEADS[part]: float for part in found})
    notes = [Text(f"{note}.") for note in study.parts.notes]
    caption = "The parts with their intervals; a dash if a part was not resampled."
    return [Table(caption, frame, DECIMALS, SCORES), *notes]


def _also(study: Study) -> str:
    drawn = study.bootstrap["resampled"]
    more = [
        what for key, what in (("pairs", "the pairs of S2"), ("times", "the times of EScore")) if drawn[key]
    ]
    return f", and {' and '.join(more)}" if more else ""


def points_section(study: Study) -> Section:
    """Where the points come from: places, and mean points by image."""
    labels = [_place(index) for index in range(study.places.shape[1])]
    counts = _counts(study.places, labels)
    counts.insert(0, "S3, 95 % interval", [span(study.bootstrap["s3"][team]["ci"]) for team in study.teams])
    frame = study.ranking.table[["team"]].merge(study.table[["team", "points", "s3"]], on="team")
    frame = pd.concat([frame, counts], axis=1)
    shown = pd.Series(study.arrays.team).value_counts().reindex(study.order, fill_value=0)
    frame["shown"] = shown.to_numpy()
    frame = frame.rename(columns=HEADS | {"shown": "Ballots shown in"})
    return Section(
        "Where the points come from",
        (
            Table(
                "Places in all ballots, teams in the order of the final ranking.",
                frame,
                {"Points": 0},
                (*SCORES, "Points"),
            ),
            Plot(
                f"How often each team took each place, in {how_many(study.arrays.size, 'ballots')}; beside "
                "each bar: placed in how many of the ballots that showed the team.",
                "Stacked bars, one per team: " + _first_places(study),
                lambda: stacked_places(study.teams, study.places, shown.to_numpy(), labels=labels),
            ),
            Plot(
                f"Mean points on each image from the judges who were shown the team, "
                f"{size_in_words(study)}. A row of one shade is a team that was judged alike everywhere.",
                "Heat map of mean points, teams by images.",
                lambda: heat_map(
                    study.by_image.T,
                    rows=study.teams,
                    columns=[str(image) for image in study.arrays.images],
                    label="mean points",
                    low=0,
                    high=study.rule.points[0],
                    missing="not shown",
                    column_title="image",
                ),
            ),
        ),
    )


def _counts(places: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """A column for each place; where they are many, the later ones share one, and the plot shows each."""
    if len(labels) <= _MOST_PLACES:
        return pd.DataFrame(places, columns=labels)
    first = _MOST_PLACES - 1
    rest = places[:, first:].sum(axis=1, keepdims=True)
    head = [*labels[:first], f"{labels[first]} to {labels[-1]}"]
    return pd.DataFrame(np.hstack([places[:, :first], rest]), columns=head)


def _limits(study: Study) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value, lower and upper limit of each final, in the order of the ranking."""
    finals = [study.bootstrap["final"][team] for team in study.teams]
    values = [(row["mean"], *(row["ci"] or (None, None))) for row in finals]
    value, low, high = np.array(values, dtype=float).T
    return value, low, high


def _groups(study: Study) -> list[list[int]]:
    place = {team: row for row, team in enumerate(study.teams)}
    return [sorted(place[team] for team in group) for group in study.bootstrap["tie_groups"]]


def _letters(study: Study, team: str) -> str:
    """The letters of the groups that a team is in; "b to g" where they are many and in a row."""
    own = [place for place, group in enumerate(study.bootstrap["tie_groups"]) if team in group]
    letters = [ascii_letters[place % 52] + "'" * (place // 52) for place in own]
    if len(own) > 4 and own[-1] - own[0] == len(own) - 1:
        return f"{letters[0]} to {letters[-1]}"
    return "".join(letters)


def _place(index: int) -> str:
    """Name a place, counted from 0.

    Examples
    --------
    >>> [_place(index) for index in (0, 1, 2, 3, 10, 11, 12, 20, 21)]
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '22nd']
    """
    place = index + 1
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def _first_places(study: Study) -> str:
    firsts = (f"{team} {count}" for team, count in zip(study.teams, study.places[:, 0], strict=True))
    return f"first places {', '.join(firsts)}."
