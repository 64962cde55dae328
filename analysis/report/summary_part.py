"""The report in a few sentences, and its summary: two pages that an organiser can read out."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.efficiency.points import efficiency_scores
from analysis.metrics_against_judges.summary import of_possible
from analysis.output import telling_decimals
from analysis.reasons.by_team import attributes
from analysis.reasons.summary import size_in_words as reasons_in_words
from analysis.report.agreement_part import agreement_in_words
from analysis.report.basis import notes_of, size_in_words
from analysis.report.blocks import Block, Document, Section, Table, Text
from analysis.report.certainty_part import again_in_words, left_out_in_words
from analysis.report.efficiency_part import not_comparable
from analysis.report.method_part import informal_in_words
from analysis.report.metrics_part import metrics_in_words
from analysis.report.pair_parts import consistency_in_words
from analysis.report.rating_parts import rating_agreement_in_words
from analysis.report.reasons_part import NOT_HOW_OFTEN, most_named
from analysis.report.rules_part import flips_in_words
from analysis.report.screening_part import screening_in_words
from analysis.report.study import Study
from analysis.report.words import listed, share, some, span

ROWS = 12
"""Teams in the table of the summary; the report has all."""
MOST_NOTES = 6
MOST_CONCLUSIONS = 4
MOST_NAMES = 6
MOST_SIGNS = 400
"""Of a note in the summary."""

Attempt = Callable[[str, Callable[[], list[str | Block]]], list[str | Block] | None]
_AGREEMENT = {
    "votes": agreement_in_words,
    "pairs": consistency_in_words,
    "ratings": rating_agreement_in_words,
}
_SCORES: Mapping[str, str] = {
    "s2": "s2 is the score of paired images, which judges do not see",
    "escore": "escore is the score of efficiency, from the models' measured costs",
    "u": "u is S3, a team's mean points from the judges, summed over the images",
    "s3n": "s3n is S3 scaled from 0, the lowest of all teams, to 1, the highest",
    "bt": "bt is the Bradley-Terry log worth from the comparisons, where a tie is half a win for each",
    "bt_prior": "bt_prior is the Bradley-Terry log worth with 0.1 wins added over every other team",
    "jod": "jod is Thurstone's worth in just objectionable differences",
    "win_share": "win_share is the share of comparisons that a team won",
    "mos": "mos is the mean opinion score, the mean over images of the judges' mean score",
    "dmos": "dmos is the mean difference to each judge's own score of the hidden reference",
}
_FUNCTIONS: Mapping[str, str] = {
    "minmax": "minmax gives 0 to the lowest of all teams and 1 to the highest",
    "top": "top is the highest value of all teams",
    "low": "low is the lowest value of all teams",
    "mean": "mean is the mean of all teams",
    "rank": "rank is the rank among all teams",
    "base": "base is the value of the team that the rule compares with",
}
_NOT_MEANT = {
    "votes": "Points compare the teams with each other. They do not say that any result is good, and points "
    "of another study, with other teams, cannot be compared with these.",
    "pairs": "Worths compare the teams with each other. They do not say that any result is good, and worths "
    "of another study, with other teams, cannot be compared with these.",
    "ratings": "Scores depend on the scale, the images and the judges. Scores of another study cannot be "
    "compared with these.",
}


def short_summary(study: Study) -> tuple[str, ...]:
    """The report in a few sentences."""
    first = _first(study)
    if not first:
        return study.ranking.notes
    return (
        winner_in_words(study, first),
        *_AGREEMENT[study.user.table](study)[:1],
        *([flips_in_words(study)] if study.user.table == "votes" else []),
        screening_in_words(study),
        *filter(None, [metrics_in_words(study.metrics)] if study.metrics else []),
    )


def summary_document(
    study: Study,
    *,
    banner: str | None = None,
    names: tuple[str, ...] = (),
    attempt: Attempt = lambda _, make: make(),
) -> Document:
    """The summary: who won, how sure that is, on what it rests, and what must not be concluded from it.

    Parameters
    ----------
    banner, names
        Of the report.
    attempt
        Makes a part, or notes its failure and returns None; the others are still written.
    """
    notes = notes_of(study)
    more = len(notes) - MOST_NOTES
    kept = [_cut(note) for note in notes[:MOST_NOTES]]
    return Document(
        title=f"{study.title}: summary",
        subtitle=f"Blind user study: {how_many(len(study.user.teams), 'teams')}, {size_in_words(study)}. "
        "Every figure is explained in the report.",
        summary=(),
        sections=tuple(
            Section(title, tuple(Text(one) if isinstance(one, str) else one for one in blocks))
            for title, part in _PARTS.items()
            if (blocks := attempt(f"Summary, {title}", partial(part, study)))
        ),
        banner=banner,
        notes=(*kept, *([f"{how_many(more, 'more notes')}: see the report"] if more > 0 else [])),
        names=names,
    )


def winner_in_words(study: Study, winners: list[str]) -> str:
    """Say who comes first, apart from whom, and how certain that is."""
    result = study.bootstrap
    final = result["final"][winners[0]]["mean"]
    if len(winners) > 1:
        return f"{some(winners, MOST_NAMES)} share first place with a final score of {final:.2f}."
    winner = winners[0]
    head = f"{winner} comes first with a final score of {final:.2f}"
    if result["p_rank"][winner][0] is None:
        return f"{head}; {result['resampled']['reason'] or 'how certain that is cannot be said'}."
    rivals = {team for group in result["tie_groups"] if winner in group for team in group} - {winner}
    rivals = [team for team in study.teams if team in rivals]
    apart = (
        f"not clearly separated from {some(rivals, MOST_NAMES)} when all pairs are compared at once"
        if rivals
        else "clearly separated from every other team"
    )
    return f"{head}, {apart}. {again_in_words(study, winner)}"


def _first(study: Study) -> list[str]:
    table = study.ranking.table
    return [str(team) for team in table.loc[table["rank"] == 1, "team"]]


def _who_won(study: Study) -> list[str | Block]:
    table = study.ranking.table
    if not _first(study):
        return [
            *(f"{note[0].upper()}{note[1:]}." for note in study.ranking.notes),
            f"The rule: {_rule(study)}",
        ]
    said = []
    digits = telling_decimals(table["final"])
    for award, rows in table[table["award"].notna()].groupby("award", sort=False):
        who = [
            f"{team} with a final score of {final:.{digits}f}"
            for team, final in zip(rows["team"], rows["final"], strict=True)
        ]
        word = f"{award} award" if not str(award).startswith("tied") else f"Award {award}"
        said.append(f"{word[0].upper()}{word[1:]}: {some(who, MOST_NAMES)}.")
    out = [str(team) for team in table.loc[table["rank"].isna(), "team"]]
    if out:
        said.append(f"Without a rank: {some(out, MOST_NAMES)}; the report says why.")
    return [" ".join(said), f"The rule: {_rule(study)}", _ranking(study, digits)]


def _rule(study: Study) -> str:
    """The formula, and what is in it."""
    text = study.rule.final.text()
    words = set(re.findall(r"[a-z_][a-z_0-9]*", text))
    said = [meaning for name, meaning in {**_SCORES, **_FUNCTIONS}.items() if name in words]
    named = f" ({study.rule.name})" if study.rule.name and study.rule.name != text else ""
    explained = f" Here {listed(said)}." if said else ""
    points = ""
    if study.user.table == "votes":
        values = listed([f"{value:g}" for value in study.rule.points])
        if len(study.rule.points) > MOST_NAMES:
            values = "{:g}, {:g}, {:g} and so on down to {:g}".format(
                *study.rule.points[:3], study.rule.points[-1]
            )
        points = f" The first places of a ballot earn {values} points."
    better = " The lowest is the best." if study.rule.lower_is_better else ""
    return f"the final score is {text}{named}.{explained}{points}{better}"


def _ranking(study: Study, digits: int) -> Table:
    table, result = study.ranking.table.head(ROWS), study.bootstrap
    teams = [str(team) for team in table["team"]]
    ranks = [result["rank_interval"][team] for team in teams]
    frame = pd.DataFrame(
        {
            "Rank": table["rank"].to_numpy(),
            "Team": teams,
            "Final": table["final"].to_numpy(dtype=float),
            "95 % interval": [span(result["final"][team]["ci"], digits) for team in teams],
            "True rank": [_whole(one) for one in ranks],
            "Rank 1 again": [share(result["p_rank"][team][0]).replace(" ", "\u00a0") for team in teams],
            "Award": table["award"].to_numpy(),
        }
    )
    more = len(study.teams) - ROWS
    what = f" The first {ROWS} of {len(study.teams)} teams; the report has all." if more > 0 else ""
    return Table(
        f"Final ranking.{what} True rank: 95 % confidence for all teams at once. Rank 1 again: how often a "
        "new study of the same size, with other judges and images of the same kind, would put the team first "
        f"({result['draws']} simulated studies).",
        frame,
        {"Final": digits, "Rank": 0},
    )


def _whole(ranks: list[int] | None) -> str | None:
    if ranks is None:
        return None
    return str(ranks[0]) if ranks[0] == ranks[1] else span(ranks, 0)


def _how_sure(study: Study) -> list[str | Block]:
    result, first = study.bootstrap, _first(study)
    if not first:
        return []
    said = [winner_in_words(study, first)]
    neighbours = result["neighbours"]
    known = [row for row in neighbours if row["ci"][0] is not None]
    if known:
        apart = sum(row["apart"] for row in known)
        said.append(
            f"Of {how_many(len(known), 'pairs')} of neighbours by {_compared(study)}, the study "
            f"tells {apart} apart (simultaneous 95 % intervals of the difference, {result['draws']} "
            "resamples)."
        )
    if result["resampled"]["reason"] and len(first) > 1:
        said.append(f"Note: {result['resampled']['reason']}.")
    left_out = left_out_in_words(study)
    return [*said, *([left_out] if left_out else [])]


def _compared(study: Study) -> str:
    return "the final score" if study.compared == "final" else study.compared


def _basis(study: Study) -> list[str | Block]:
    """Who answered, and how often, of what."""
    user = study.user
    rows = _each(study, "judge"), _each(study, "image")
    said = (
        f"{size_in_words(study)} count. Each judge gave {_range(rows[0])} {user.answers_are}, and each image "
        f"has {_range(rows[1])}."
    )
    drawn = study.bootstrap["resampled"]
    over = [name for name in ("judges", "images") if drawn[name]]
    how = (
        f"Intervals resample {listed(over)} together ({study.bootstrap['draws']} resamples)."
        if over
        else "There are no intervals."
    )
    informal = informal_in_words(study)
    happened = "" if notes_of(study) else " Nothing is noted that happened to the study."
    return [f"{said} {how}{happened}", *([informal] if informal else [])]


def _each(study: Study, what: str) -> np.ndarray:
    asked: Any = study.user.asked
    return np.bincount(getattr(asked, what), minlength=len(getattr(asked, f"{what}s")))


def _range(counts: np.ndarray) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _agreement(study: Study) -> list[str | Block]:
    judges, images = how_many(len(study.user.judges), "judges"), how_many(len(study.user.images), "images")
    return [
        *_AGREEMENT[study.user.table](study),
        f"These figures are of {judges} on {images}. {screening_in_words(study)}",
    ]


def _reasons(study: Study) -> list[str | Block]:
    reasons = study.reasons
    if reasons is None or reasons.empty:
        return []
    said = [f"{reasons_in_words(reasons)}, on {how_many(reasons['image'].nunique(), 'images')}."]
    for team in _first(study)[:2]:
        own = attributes(reasons, team)
        better, worse = int(own["better"].sum()), int(own["worse"].sum())
        if better + worse:
            line = f"Of {team}, {better} praise and {worse} criticise"
            named = [
                f"{word} most for {most_named(own, direction)}"
                for direction, word in (("better", "praised"), ("worse", "criticised"))
                if own[direction].any()
            ]
            said.append(f"{line}; it is {listed(named)}.")
    return [" ".join([*said, NOT_HOW_OFTEN])]


def _other_parts(study: Study) -> list[str | Block]:
    return [*_paired(study), *_efficiency(study), *_metrics(study)]


def _paired(study: Study) -> list[str | Block]:
    paired = study.parts.paired
    if paired is None:
        return []
    means = study.parts.means(study.rule)
    means = means[means["s2"].notna()].sort_values(["s2", "team"], ascending=[False, True])
    if means.empty:
        return []
    n = how_many(paired["image"].nunique(), "pairs")
    best = means.iloc[0]
    line = (
        f"The paired score S2 ({study.parts.formula or 'the mean score of the pairs'}; mean over {n}, which "
        f"no judge saw) is highest for {best['team']}: {best['s2']:.2f}, n = {int(best['n'])}."
    )
    return [line + _of_winner(study, dict(zip(means["team"].astype(str), means["s2"], strict=True)), "S2")]


def _efficiency(study: Study) -> list[str | Block]:
    measures = study.parts.measures
    if measures is None:
        return []
    scored = efficiency_scores(measures, study.rule)
    scored = scored[scored["escore"].notna()].sort_values(["escore", "team"], ascending=[False, True])
    if scored.empty:
        return []
    best = scored.iloc[0]
    line = (
        f"The efficiency score EScore (by the costs of {how_many(len(measures), 'models')}, each measured "
        f"alone) is highest for {best['team']}: {best['escore']:.2f}."
    )
    values = dict(zip(scored["team"].astype(str), scored["escore"], strict=True))
    warning = not_comparable(scored)
    return [" ".join(filter(None, [line + _of_winner(study, values, "EScore"), warning]))]


def _of_winner(study: Study, values: Mapping[str, float], what: str) -> str:
    first = _first(study)
    if len(first) != 1 or first[0] not in values or next(iter(values)) == first[0]:
        return ""
    own = values[first[0]]
    place = 1 + sum(value > own for value in values.values())
    which = f" {first[0]}, first in the final ranking, has {what} {own:.2f}"
    return f"{which}, place {place} of {len(values)}."


def _metrics(study: Study) -> list[str | Block]:
    """The metric that agrees best with the judges, at the finest level there is."""
    data = study.metrics
    if data is None:
        return []
    for level, where, n in (("image", "Within images", "images"), ("teams", "Over teams", "teams")):
        rows = [
            row
            for row in data["measures"]
            if (row["level"], row["measure"]) == (level, "srocc") and row["value"] is not None
        ]
        if rows:
            best = max(rows, key=lambda row: row["value"])
            return [
                f"{where}, of {how_many(len(rows), 'metrics')}, {best['metric']} agrees best with the judges:"
                f" rank correlation (SROCC) {of_possible(best)}, n = {how_many(best['n'], n)}. "
                "Metrics are no substitute for judges: the best of several looks better than it is."
            ]
    return []


def _not_concluded(study: Study) -> list[str | Block]:
    judges, images = how_many(len(study.user.judges), "judges"), how_many(len(study.user.images), "images")
    own = [f"{line[0].upper()}{line[1:]}." for line in study.conclusions[:MOST_CONCLUSIONS]]
    more = len(study.conclusions) - MOST_CONCLUSIONS
    return [
        *own,
        *([f"The report has {how_many(more, 'more remarks')} of this kind."] if more > 0 else []),
        "Of two teams that the study does not separate, do not call one better, whatever their ranks; nor "
        "call them equal: not separated means not known.",
        f"The result is that of {judges} on {images}. It holds for judges and images like these and says "
        "nothing about other degradations, other screens or other people.",
        _NOT_MEANT[study.user.table],
    ]


_PARTS: Mapping[str, Callable[[Study], list[str | Block]]] = {
    "Who won?": _who_won,
    "How sure is that?": _how_sure,
    "What is it based on?": _basis,
    "Do the judges agree?": _agreement,
    "What do the judges say?": _reasons,
    "What do the other parts say?": _other_parts,
    "What must not be concluded": _not_concluded,
}


def _cut(note: str) -> str:
    return note if len(note) <= MOST_SIGNS else f"{note[: MOST_SIGNS - 1]}…"
