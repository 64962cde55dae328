"""Sections: why, and reasons by team: what judges said of candidates, and how it goes with the answers."""

import pandas as pd

from analysis.amounts import how_many
from analysis.plots.diverging import diverging_bars
from analysis.printable import printable
from analysis.reasons.by_team import attributes, comments, totals
from analysis.reasons.summary import outcomes, reason_counts, size_in_words
from analysis.report.blocks import NOTHING, Block, Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed

FEW = 5
"""Reasons of one team and attribute, below which a count is no tendency."""
_SIDES = ("worse than others", "better than others")
NOT_HOW_OFTEN = (
    "Judges chose what to comment on, so the counts show what caught their eye, not how often it occurred."
)
_SHARE = (
    f"Share better: of all reasons in the row, how many praise (in brackets with fewer than {FEW}). Judges "
    "and images: how many judges said it, of how many images."
)


def reasons_section(study: Study) -> list[Section]:
    """Attributes of candidates that won and lost; empty without reasons."""
    reasons = study.reasons
    if reasons is None or reasons.empty:
        return []
    came_off = outcomes(study.user.answers.table, study.user.table)
    by_attribute = reason_counts(reasons, came_off, "attribute")
    said = (
        f"{size_in_words(reasons)}. A candidate won if its judge placed it above the mean of the "
        f"candidates shown with it, and lost if below. {NOT_HOW_OFTEN}"
    )
    table = Table("What was said, and whether the candidates won.", _attributes(by_attribute))
    return [Section("Why", (Text(said), table))]


def teams_reasons_section(study: Study) -> list[Section]:
    """What is said of each team, side by side, and examples of comments; empty without reasons."""
    reasons = study.reasons
    if reasons is None or reasons.empty:
        return []
    counts = totals(reasons).set_index("team")
    teams = [
        *(team for team in study.teams if team in counts.index),
        *sorted(set(counts.index) - set(study.teams)),
    ]
    counts = counts.loc[teams].reset_index()
    silent = [team for team in study.teams if team not in teams]
    said = f"{size_in_words(reasons)}, each about one team on one image. {NOT_HOW_OFTEN}"
    if silent:
        said += f" Nothing is said of {listed(silent)}."
    sizes = reasons["attribute"].astype(str).value_counts()
    named = sorted(sizes.index, key=lambda name: (-sizes[name], name))
    return [
        Section(
            "Reasons by team",
            (
                Text(said),
                Plot(
                    "Reasons that praise a team (to the right) and that criticise it (to the left), teams in "
                    f"the order of the final ranking: {size_in_words(reasons)}.",
                    "Bars to both sides of 0, one row per team: " + _sides_in_words(counts, "team"),
                    lambda: diverging_bars(
                        teams,
                        counts["worse"].to_numpy(),
                        counts["better"].to_numpy(),
                        labels=_SIDES,
                        label="reasons",
                    ),
                ),
                Table(
                    f"What is said of each team. {_SHARE}",
                    _totals(reasons, counts),
                ),
                Table(
                    "What is said of each team by attribute: better or worse than the others. In brackets: "
                    f"fewer than {FEW} reasons.",
                    _by_attribute(reasons, teams, named),
                ),
                *_examples(reasons, teams),
            ),
        )
    ]


def said_of_team(reasons: pd.DataFrame, team: str, called: str) -> list[Block]:
    """Return what is said of a team of which something is said: in sentences, as a plot, and by attribute."""
    own = reasons[reasons["team"].astype(str) == team]
    counts = attributes(reasons, team)
    judges, images = own["judge"].nunique(), own["image"].nunique()
    better, worse = int(counts["better"].sum()), int(counts["worse"].sum())
    said = (
        f"{how_many(len(own), 'reasons')} of {how_many(judges, 'judges')} on {how_many(images, 'images')} "
        f"are about {called}: {better} say better than others, {worse} say worse."
    )
    for direction, words in (("better", "praised"), ("worse", "criticised")):
        if counts[direction].any():
            said += f" Most {words}: {most_named(counts, direction)}."
    return [
        Text(f"{said} {NOT_HOW_OFTEN}"),
        Plot(
            f"What judges said of {called}, by attribute.",
            "Bars to both sides of 0, one row per attribute: " + _sides_in_words(counts, "attribute"),
            lambda: diverging_bars(
                list(counts["attribute"]),
                counts["worse"].to_numpy(),
                counts["better"].to_numpy(),
                labels=_SIDES,
                label="reasons",
            ),
        ),
        Table(f"What judges said of {called}. {_SHARE}", _own_attributes(counts)),
    ]


def _share(better: int, worse: int) -> str:
    """Of the reasons, how many praise; in brackets where there are few."""
    text = f"{100 * better / (better + worse):.0f} %"
    return f"({text})" if better + worse < FEW else text


def _own_attributes(counts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Attribute": counts["attribute"],
            "Better": counts["better"],
            "Worse": counts["worse"],
            "Share better": [_share(*row) for row in zip(counts["better"], counts["worse"], strict=True)],
            "Judges": counts["judges"],
            "Images": counts["images"],
        }
    )


def _totals(reasons: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    table = _own_attributes(counts.rename(columns={"team": "attribute"})).rename(
        columns={"Attribute": "Team"}
    )
    own = {team: attributes(reasons, str(team)) for team in counts["team"]}
    for direction, head in (("better", "Praised most for"), ("worse", "Criticised most for")):
        table[head] = [most_named(own[team], direction) for team in counts["team"]]
    return table


def most_named(counts: pd.DataFrame, direction: str) -> str:
    """Name the attributes that are named most often in a direction, with how often."""
    top = counts[direction].max()
    names = list(counts.loc[counts[direction] == top, "attribute"]) if top else []
    return f"{listed(names)} ({top})" if names else NOTHING


def _sides_in_words(counts: pd.DataFrame, by: str) -> str:
    rows = counts[[by, "better", "worse"]].itertuples(index=False, name=None)
    return ", ".join(f"{name} +{better} \N{MINUS SIGN}{worse}" for name, better, worse in rows) + "."


def _examples(reasons: pd.DataFrame, teams: list[str]) -> list[Table]:
    """Comments as judges wrote them; signs that have an effect when printed are escaped."""
    chosen = pd.concat([comments(reasons, team, most=1).assign(team=team) for team in teams])
    if chosen.empty:
        return []
    told = {"better": "praise", "worse": "criticism"}
    frame = pd.DataFrame(
        {
            "Team": chosen["team"],
            "Said": chosen["direction"].map(told),
            "Attribute": chosen["attribute"],
            "In the judge's words": chosen["text"].map(printable),
            "Image": chosen["image"],
            "Judge": chosen["judge"],
        }
    )
    written = int((reasons.loc[reasons["team"].astype(str).isin(teams), "text"] != "").sum())
    caption = (
        f"Examples of comments, {len(frame)} of {written}, in the language in which they were written. They "
        "are chosen by attribute (the most often named first), image and judge, not by what they say."
    )
    return [Table(caption, frame.reset_index(drop=True))]


def words_of(study: Study) -> list[str]:
    """What judges commented on, in the study's words, and what they wrote; in any script."""
    if study.reasons is None:
        return []
    written = sorted(set(map(printable, study.reasons["text"])) - {""})
    return [*sorted(map(str, study.reasons["attribute"].unique())), *written]


def _attributes(counts: pd.DataFrame) -> pd.DataFrame:
    def of(direction: str) -> list[str]:
        rows = zip(counts[f"{direction}_won"], counts[f"{direction}_lost"], counts[direction], strict=True)
        return [f"{total}: {won} won, {lost} lost" if total else NOTHING for won, lost, total in rows]

    return pd.DataFrame(
        {
            "Attribute": counts["attribute"],
            "Reasons": counts["reasons"],
            "Judges": counts["judges"],
            "Said to be better": of("better"),
            "Said to be worse": of("worse"),
        }
    )


def _by_attribute(reasons: pd.DataFrame, teams: list[str], named: list[str]) -> pd.DataFrame:
    cells = {
        (team, row["attribute"]): _cell(row["better"], row["worse"])
        for team in teams
        for row in attributes(reasons, team).to_dict("records")
    }
    columns = {name: [cells.get((team, name), NOTHING) for team in teams] for name in named}
    return pd.DataFrame({"Team": teams, **columns})


def _cell(better: int, worse: int) -> str:
    text = f"+{better} −{worse}"
    return f"({text})" if better + worse < FEW else text
