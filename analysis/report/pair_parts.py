"""Sections of a study that compared pairs: preferences, consistency, judges, sides."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.plots.heat import heat_map
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.judges_part import MOST_JUDGES
from analysis.report.study import Study
from analysis.report.words import alpha_in_words, listed, p_value, share, span

MOST_TRIADS = 0.25
"""Share of circular triads of a judge who tosses coins."""

_LABEL = {"davidson": "Davidson's worth", "half": "Bradley-Terry"}
_MODEL = {
    "davidson": "of Davidson's model, where a tie is an answer in its own right and the side may count",
    "half": "as in the ranking, with a tie as half a win for each team",
}
TWO_WORTHS = (
    "Davidson's worth is not the Bradley-Terry worth of the ranking; do not mix the two. The ranking "
    "counts a tie as half a win for each team, which pulls the odds of two teams towards even. Davidson's "
    "odds use only the answers that prefer one of the two, so with ties its worths are further apart. "
    "Davidson's model may also correct for the advantage of the left side. The ranking uses its own worth."
)


def wins_section(study: Study) -> Section:
    """The win matrix, Bradley-Terry worths with the order effect, and Thurstone's JOD."""
    data = study.comparisons
    given, ties = data["answers"], data["ties"]
    neither = given["tie"] + given["bad"]
    said = f"Of {how_many(data['n_comparisons'], 'comparisons')}, {neither} prefer neither"
    said += f" ({given['bad']} of them call both bad)." if given["bad"] else "."
    return Section(
        "Which team was preferred?",
        (
            Text(said),
            _win_matrix(study),
            Table(
                f"Teams in the order of the final ranking. {_LABEL[ties]}: the log worth {_MODEL[ties]}. "
                "JOD: a difference of one is preferred by 75 %. Intervals allow for other judges and "
                "images. The model's own errors treat comparisons as independent and are too small.",
                _worths(study),
                {"Model's own error": 3, _LABEL[ties]: 3, "JOD": 3, "Win share": 3},
                (_LABEL[ties], "JOD"),
            ),
            *([Text(TWO_WORTHS)] if ties == "davidson" else []),
            *_models(data),
        ),
    )


def consistency_section(study: Study) -> Section:
    """Agreement of judges on the same pairs, circular triads, Kendall's u, transitivity."""
    data = study.comparisons
    names = {
        "same": "Two answers to a pair are the same",
        "alpha_nominal": "Krippendorff's alpha, nominal",
        "alpha_ordinal": "Krippendorff's alpha, a tie half way",
    }
    rows = [
        {
            "Measure": names[name],
            "Value": row["value"],
            "95 % interval": span(row["ci"], 3),
            "By chance": row["chance"],
            "Undefined because": row["undefined"] or row["ci_undefined"],
        }
        for name, row in data["agreement"].items()
    ]
    frame = pd.DataFrame(rows).astype({"Value": float, "By chance": float})
    if frame["Undefined because"].isna().all():
        frame = frame.drop(columns="Undefined because")
    return Section(
        "Do the comparisons agree?",
        (
            *(Text(line) for line in consistency_in_words(study)),
            Table(
                "Answers of different judges to the same pair on the same image.",
                frame,
                {"Value": 3, "By chance": 3},
            ),
            Text(_transitivity(data)),
            Text(_kendall(data["kendall_u"])),
        ),
    )


def consistency_in_words(study: Study) -> list[str]:
    """Explain how far the judges agree, and how often judges contradict themselves."""
    data = study.comparisons
    same, alpha = data["agreement"]["same"], data["agreement"]["alpha_ordinal"]
    lines = []
    if same["value"] is None:
        lines.append(f"Agreement cannot be measured: {same['undefined']}.")
    else:
        reading = f"; Krippendorff's alpha is {alpha['value']:.2f}" if alpha["value"] is not None else ""
        tail = f", {alpha_in_words(alpha['value'])}" if alpha["value"] is not None else ""
        lines.append(
            "Two judges who compared the same pair on an image gave the same answer in "
            f"{share(same['value'])} of cases{reading}{tail}. The ranking combines all answers."
        )
    rounds = [row for row in data["judges"] if row["rounds"]]
    if rounds:
        circular = sum(row["circular"] for row in rounds)
        n = len(study.user.teams)
        triads = sum(row["rounds"] for row in rounds) * n * (n - 1) * (n - 2) / 6
        lines.append(
            f"Where a judge compared every pair of an image, {100 * circular / triads:.1f} % of the "
            "triples are circular (A over B, B over C, C over A); tossing a coin would make "
            f"{100 * MOST_TRIADS:.0f} % of them circular."
        )
    return lines


def comparers_section(study: Study) -> Section:
    """One row per judge: comparisons, ties, sides, contradictions, and how likely given the others."""
    rows = study.comparisons["judges"]
    frame = pd.DataFrame(
        {
            "Judge": [row["judge"] for row in rows],
            "Comparisons": [row["comparisons"] for row in rows],
            "Ties": [row["ties"] for row in rows],
            "Left": [row["left"] for row in rows],
            "Circular triads": [row["circular"] for row in rows],
            "Consistency": [row["zeta"] for row in rows],
            "Log-likelihood": [row["loglik"] for row in rows],
            "Distance": [row["distance"] for row in rows],
        }
    ).astype({"Circular triads": float, "Consistency": float})
    caption = "One row per judge."
    if len(frame) > MOST_JUDGES:
        frame = frame.sort_values("Distance", ascending=False, ignore_index=True).head(MOST_JUDGES)
        caption = f"The {MOST_JUDGES} of {len(rows)} judges whose answers differ most from the others'."
    text = (
        "Ties: share of the judge's answers that prefer neither. Left: share of left among those that "
        "prefer a side. Consistency is 1 with no circular triads and 0 with as many as possible. "
        "Distance: how far the log-likelihood of the judge's answers, under a model of the other judges, "
        "is below the first quartile, in interquartile ranges; look closer above 1.5. Unusual taste is "
        "not a fault."
    )
    return Section("Judges", (Text(text), Table(caption, frame, {"Circular triads": 0})))


def sides_section(study: Study) -> Section:
    """Whether one side of the screen won more comparisons."""
    data = study.comparisons
    sides, order = data["sides"], data["order"]
    lines = []
    if sides["answers"]:
        lines.append(
            f"Left was preferred in {share(sides['left'])} of the {how_many(sides['answers'], 'answers')} "
            f"that prefer a side (judges as clusters, {p_value(_number(sides['p']))})."
        )
    if order["p"] is not None:
        verdict = "has a measurable effect" if order["p"] <= 0.05 else "has no measurable effect"
        lines.append(
            f"In the model, the side {verdict}: being on the left is worth {order['effect']:+.3f} in log "
            f"worth, {p_value(order['p'])} by likelihood ratio."
        )
    elif data["order_undefined"]:
        lines.append(f"The effect of the side was not estimated ({data['order_undefined']}).")
    same = sides["identical"]
    if same["shown"]:
        lines.append(
            f"Of {how_many(same['shown'], 'identical pairs')}, {same['sides']} were answered with a side "
            f"({same['sides'] / same['shown']:.0%}; in published studies about 74 %)."
        )
    pairs = study.pairs
    stood = np.bincount(pairs.first, minlength=len(pairs.teams))
    met = pairs.counts.met().sum(axis=1)
    lines.append(
        f"Each team was on the left in {share(float((stood / met).min()))} to "
        f"{share(float((stood / met).max()))} of its comparisons."
    )
    return Section("Left and right", (Text(" ".join(lines)),))


def _win_matrix(study: Study) -> Plot:
    values, met = (np.array(study.comparisons["wins"][key], dtype=float) for key in ("values", "met"))
    order = study.order
    part = np.divide(values, met, out=np.full(values.shape, np.nan), where=met > 0)[np.ix_(order, order)]
    compared = how_many(study.comparisons["n_comparisons"], "comparisons")
    return Plot(
        f"Share of comparisons in which the row's team was preferred to the column's; a tie is half "
        f"({compared}).",
        "Heat map of teams by teams, in the order of the final ranking.",
        lambda: heat_map(
            part,
            rows=study.teams,
            columns=study.teams,
            label="share preferred",
            low=0,
            high=1,
            text=".2f",
            missing="never compared",
            itself="the team itself",
            row_title="preferred",
            column_title="to",
        ),
    )


def _worths(study: Study) -> pd.DataFrame:
    rows = {row["team"]: row for row in study.comparisons["teams"]}
    shown = [rows[team] for team in study.teams]
    return pd.DataFrame(
        {
            "Team": study.teams,
            "Comparisons": [row["comparisons"] for row in shown],
            "Win share": [row["win_share"] for row in shown],
            _LABEL[study.comparisons["ties"]]: [row["log_worth"] for row in shown],
            "95 % interval": [span(_limits(row["low"], row["high"]), 3) for row in shown],
            "Model's own error": [row["model_se"] for row in shown],
            "JOD": [row["jod"] for row in shown],
            "JOD, 95 % interval": [span(_limits(row["jod_low"], row["jod_high"]), 3) for row in shown],
        }
    )


def _models(data: dict[str, Any]) -> list[Text]:
    found = []
    if not data["finite"]:
        chain = " > ".join(listed(group) for group in data["groups"])
        why = f", because no answer ever went the other way: {chain}" if len(data["groups"]) > 1 else ""
        found.append(
            Text(
                f"No finite estimate exists{why}, so a penalty of {data['penalty']:g} sum(theta^2) was added."
            )
        )
    if data["nu"]["value"]:
        found.append(
            Text(
                f"Davidson's model of ties: nu = {data['nu']['value']:.3f}; two teams of equal worth tie "
                f"in {share(data['nu']['value'] / (2 + data['nu']['value']))} of comparisons."
            )
        )
    return found


def _transitivity(data: dict[str, Any]) -> str:
    counts = data["transitivity"]
    if not counts["triples"]:
        return "Transitivity is unknown: no three teams were all compared with each other."
    return (
        f"Stochastic transitivity over all judges and images: of {how_many(counts['triples'], 'triples')} "
        f"of teams, {counts['weak']} violate the weak form (A over B and B over C, but C over A), "
        f"{counts['moderate']} the moderate and {counts['strong']} the strong form."
    )


def _kendall(found: dict[str, Any]) -> str:
    if found["undefined"]:
        return f"Kendall's coefficient of agreement u: not computed ({found['undefined']})."
    return (
        f"Kendall's coefficient of agreement u is {found['u']:.3f} (1 if all answers are the same, 0 by "
        "chance)."
    )


def _limits(low: float, high: float) -> tuple[float, float] | None:
    return None if np.isnan(low) or np.isnan(high) else (low, high)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value
