"""Sections: judges worth a second look, and the position on the screen."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.plots.teams import bars
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed, p_value

MOST_ALONE = 3
"""Judges that are also left out one at a time; each takes two columns of a table."""


def screening_section(study: Study) -> Section:
    """Whom each rule flags, whom two independent rules propose, and the ranking with and without them."""
    result = study.screening
    rules = pd.DataFrame(
        [
            {
                "Rule: the judge ...": rule["says"],
                "Flagged": ", ".join(rule["flagged"]) or None,
                "Not checked because": rule["undefined"],
            }
            for rule in result["rules"].values()
        ],
        dtype=object,
    )
    flagged = [row for row in result["judges"] if row["decision"] != "keep"]
    blocks: list[Text | Table] = [
        Text(screening_in_words(study)),
        Text(
            "A judge is proposed for exclusion only if two independent rules agree: the judge agrees with "
            "the others no better than chance (99 % level), and far less than the other judges do. Nobody "
            "is excluded here. A person decides, before looking at the effect on the ranking."
        ),
        Table("Screening rules.", rules),
    ]
    if flagged:
        blocks += [Table("Judges flagged by a rule.", _flagged(flagged)), *_without(study)]
    return Section("Judges worth a second look", tuple(blocks))


def screening_in_words(study: Study) -> str:
    """Say whom the screening proposes, and whom it flags."""
    by: dict[str, list[str]] = {"propose": [], "investigate": [], "keep": []}
    for row in study.screening["judges"]:
        by[row["decision"]].append(row["judge"])
    proposed = (
        f"Proposed for exclusion: {listed(by['propose'])}"
        if by["propose"]
        else "No judge is proposed for exclusion"
    )
    looks = f"; worth a look: {listed(by['investigate'])}" if by["investigate"] else ""
    return f"{proposed}{looks}."


def slots_section(study: Study) -> Section:
    """Whether the position on the screen attracted votes."""
    test = study.screening["position_bias"]["first_pick"]
    words = [words for words in (_effect_in_words(study.model["slot_effect"]), _balance(study)) if words]
    if test["undefined"]:
        return Section("Position on the screen", (Text(" ".join(words)),))
    slots = [str(slot + 1) for slot in range(len(test["observed"]))]
    chance = f"chi2 = {test['chi2']:.1f} on {test['df']} degrees of freedom, {p_value(test['p'])}"
    counts = ", ".join(f"slot {slot} {count}" for slot, count in zip(slots, test["observed"], strict=True))
    return Section(
        "Position on the screen",
        (
            Text(" ".join([*words, f"First choices by slot: {chance}."])),
            Plot(
                f"First choices by slot ({sum(test['observed'])} in all), and the number that each slot "
                "would get if the position did not matter.",
                f"Bars: {counts}.",
                lambda: bars(
                    slots,
                    np.array(test["observed"]),
                    label="first choices",
                    title="slot",
                    expected=np.array(test["expected"]),
                ),
            ),
        ),
    )


def _flagged(rows: list[dict[str, Any]]) -> pd.DataFrame:
    names = {"judge": "Judge", "decision": "Proposal", "reasons": "Because the judge"}
    frame = pd.DataFrame([{**row, "reasons": "; ".join(row["reasons"])} for row in rows])
    return frame[list(names)].rename(columns=names)


def _without(study: Study) -> list[Text | Table]:
    """The final ranking with everybody, without each of a few proposed judges, and without all of them."""
    proposed = [row["judge"] for row in study.screening["judges"] if row["decision"] == "propose"]
    if not proposed or len(proposed) == len(study.user.judges):
        return []
    single = [[judge] for judge in proposed] if len(proposed) <= MOST_ALONE else []
    groups = single + ([proposed] if len(proposed) > 1 else [])
    frame = study.ranking.table[["team", "final", "rank"]]
    frame = frame.rename(columns={"team": "Team", "final": "Final", "rank": "Rank"})
    for group in groups:
        name = group[0] if len(group) == 1 else f"all {len(group)} proposed"
        ranked = _ranked_without(study, group).set_index("team").reindex(study.teams)
        frame[f"Final without {name}"] = ranked["final"].to_numpy()
        frame[f"Rank without {name}"] = ranked["rank"].to_numpy()
    finals = tuple(column for column in map(str, frame) if column.startswith("Final"))
    caption = "The final ranking with all judges, and without those proposed for exclusion."
    return [Table(caption, frame, apart=finals)]


def _ranked_without(study: Study, judges: list[str]) -> pd.DataFrame:
    return study.ranking_of(study.user.without(judges)).table


def _effect_in_words(effect: dict[str, Any]) -> str:
    if effect["undefined"]:
        return f"The effect of the position on the screen was not estimated: {effect['undefined']}."
    verdict = "has a measurable effect" if effect["p"] <= 0.05 else "has no measurable effect"
    return (
        f"The position on the screen {verdict} on the choices: likelihood-ratio test in the Plackett-Luce "
        f"model, chi2 = {effect['statistic']:.1f} on {effect['df']} degrees of freedom, "
        f"{p_value(effect['p'])}."
    )


def _balance(study: Study) -> str:
    """How evenly the teams stood in the slots."""
    arrays = study.arrays
    if not arrays.has_slots:
        return ""
    slots = int(arrays.slot.max())
    stood = np.bincount(arrays.team * slots + arrays.slot - 1, minlength=len(arrays.teams) * slots)
    return f"Each team was in each slot {stood.min()} to {stood.max()} times."
