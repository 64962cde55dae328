"""Sections of a study that rated: opinion scores, agreement, judges, every result."""

import numpy as np
import pandas as pd

from analysis.plots.heat import heat_map
from analysis.ratings import CONTROLS
from analysis.report.basis import size_in_words
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.judges_part import MOST_JUDGES
from analysis.report.study import Study
from analysis.report.words import alpha_in_words, span

NAMES = {
    "alpha_nominal": "Krippendorff's alpha, nominal",
    "alpha_ordinal": "Krippendorff's alpha, ordinal",
    "alpha_interval": "Krippendorff's alpha, interval",
    "alpha_ratio": "Krippendorff's alpha, ratio",
    "icc_1_1": "Intraclass correlation (1), one judge",
    "icc_2_1": "Intraclass correlation (2), one judge",
    "icc_3_1": "Intraclass correlation (3), one judge",
    "icc_1_k": "Intraclass correlation (1), mean of the panel",
    "icc_2_k": "Intraclass correlation (2), mean of the panel",
    "icc_3_k": "Intraclass correlation (3), mean of the panel",
}
_MOST_STIMULI = 400


def opinions_section(study: Study) -> Section:
    """MOS with both intervals, DMOS, MLE quality, bias removed, SOS."""
    data = study.opinions
    rows = {row["team"]: row for row in data["teams"]}
    shown = [*study.teams, *(team for team in CONTROLS if team in rows)]
    columns = {
        "Team": shown,
        "Ratings": [rows[team]["scores"] for team in shown],
        "MOS": [rows[team]["mos"] for team in shown],
        "95 % interval": [span(_limits(rows[team], "low", "high")) for team in shown],
        "Student's interval": [span(_limits(rows[team], "student_low", "student_high")) for team in shown],
        "Without bias": [_without_bias(study)[team] for team in shown],
        "Quality": [rows[team]["quality"] for team in shown],
    }
    if data["reference"]:
        columns["DMOS"] = [rows[team].get("dmos") for team in shown]
        columns["DMOS, 95 % interval"] = [
            span(_limits(rows[team], "dmos_low", "dmos_high")) for team in shown
        ]
    frame = pd.DataFrame(columns)
    frame = frame.astype({name: float for name in ("Quality", "DMOS") if name in frame})
    said = (
        "The first interval allows for other judges and other images. Student's interval treats every "
        "score as independent; many reports print it, but it is too short. Without bias: each judge's "
        "mean difference from the mean scores is removed (ITU-T P.913, 12.4). Quality: maximum likelihood "
        "with each judge's bias and inconsistency."
    )
    undefined = data["model_undefined"]
    sos = (
        f"Spread of opinions (SOS): alpha = {data['sos_alpha']:.3f}; 0 if all judges agree on every "
        "result, 1 if they use only the ends of the scale. Image quality tests usually give 0.05 to 0.3."
    )
    return Section(
        "Opinion scores",
        (
            Table(
                "Mean opinion scores, teams in the order of the final ranking"
                + (", with the hidden reference and anchor below." if len(shown) > len(study.teams) else "."),
                frame,
                apart=("MOS", "DMOS"),
            ),
            Text(said),
            *([Text(f"No maximum-likelihood quality: {undefined}.")] if undefined else []),
            *([Text(sos)] if np.isfinite(data["sos_alpha"]) else []),
            _by_image(study),
        ),
    )


def rating_agreement_section(study: Study) -> Section:
    """Every agreement coefficient of the ratings."""
    rows = [row for row in study.opinions["agreement"] if row["coefficient"] in NAMES or row["undefined"]]
    frame = pd.DataFrame(
        {
            "Measure": [NAMES.get(row["coefficient"], row["coefficient"]) for row in rows],
            "Value": [row["value"] for row in rows],
            "95 % interval": [span(_limits(row, "low", "high"), 3) for row in rows],
            "Undefined because": [row["undefined"] for row in rows],
        }
    ).astype({"Value": float})
    if frame["Undefined because"].isna().all():
        frame = frame.drop(columns="Undefined because")
    return Section(
        "Do the judges agree?",
        (
            *(Text(line) for line in rating_agreement_in_words(study)),
            Table(
                "Agreement of the scores of a result: 1 is perfect. Reference and anchor are left out.",
                frame,
                {"Value": 3},
            ),
        ),
    )


def rating_agreement_in_words(study: Study) -> list[str]:
    """Explain Krippendorff's alpha of the scores."""
    found = {row["coefficient"]: row for row in study.opinions["agreement"]}
    alpha = found["alpha_interval"]
    if alpha["value"] is None:
        return [f"Agreement cannot be measured: {alpha['undefined']}."]
    panel = found.get("icc_2_k", {}).get("value")
    more = (
        f" The mean of the panel has an intraclass correlation of {panel:.2f}." if panel is not None else ""
    )
    return [
        f"Krippendorff's alpha of the scores is {alpha['value']:.2f}, {alpha_in_words(alpha['value'])}. "
        f"The ranking uses the mean of the whole panel.{more}"
    ]


def raters_section(study: Study) -> Section:
    """One row per judge: correlation with the others, BT.500's counts, bias, inconsistency."""
    rows = study.opinions["judges"]
    frame = pd.DataFrame(
        {
            "Judge": [row["judge"] for row in rows],
            "Ratings": [row["scores"] for row in rows],
            "With the others": [row["correlation"] for row in rows],
            "Above": [row["above"] for row in rows],
            "Below": [row["below"] for row in rows],
            "BT.500 rejects": [row["bt500_rejected"] for row in rows],
            "Bias": [row["bias"] for row in rows],
            "Inconsistency": [row["inconsistency"] for row in rows],
        }
    ).astype({"BT.500 rejects": object, "Bias": float, "Inconsistency": float})
    caption = "One row per judge."
    if len(frame) > MOST_JUDGES:
        frame = frame.sort_values("With the others", ignore_index=True).head(MOST_JUDGES)
        caption = f"The {MOST_JUDGES} of {len(rows)} judges who agree least with the others."
    text = (
        "With the others: Pearson correlation with the mean of the other judges. Above and Below: number "
        "of scores outside BT.500's interval. Bias and inconsistency come from the model, in steps of the "
        "scale. Being lenient or strict is not a fault: the bias is removed where it matters."
    )
    return Section("Judges", (Text(text), Table(caption, frame)))


def all_stimuli(study: Study) -> list[Section]:
    """MOS of every result with Student's interval."""
    rows = study.opinions["stimuli"]
    if len(rows) > _MOST_STIMULI:
        return []
    frame = pd.DataFrame(
        {
            "Image": [row["image"] for row in rows],
            "Team": [row["team"] for row in rows],
            "Ratings": [row["n"] for row in rows],
            "MOS": [row["mos"] for row in rows],
            "95 % interval": [span(_limits(row, "low", "high")) for row in rows],
            "Standard deviation": [row["sd"] for row in rows],
        }
    )
    return [Section("All results", (Table("Each result with Student's interval over its judges.", frame),))]


def _by_image(study: Study) -> Plot:
    ratings = study.ratings.of_teams
    n = len(ratings.teams)
    cell, cells = ratings.image * n + ratings.team, len(ratings.images) * n
    seen = np.bincount(cell, minlength=cells)
    mean = np.divide(
        np.bincount(cell, ratings.score, cells), seen, out=np.full(cells, np.nan), where=seen > 0
    )
    low, high = ratings.scale
    return Plot(
        f"Mean score on each image over its judges, {size_in_words(study)}. A row of one shade is a team "
        "that was rated alike everywhere.",
        "Heat map of mean scores, teams by images.",
        lambda: heat_map(
            mean.reshape(-1, n).T[study.order],
            rows=study.teams,
            columns=[str(image) for image in ratings.images],
            label=f"mean score, {low:g} to {high:g}",
            low=low,
            high=high,
            missing="not rated",
            column_title="image",
        ),
    )


def _without_bias(study: Study) -> dict[str, float]:
    """Mean over the images of the judges' mean, each judge's bias taken off."""
    ratings = study.ratings.without_bias()
    cell = ratings.stimulus
    mean = np.bincount(cell, ratings.score) / np.bincount(cell)
    team = ratings.stimuli[:, 1]
    values = np.bincount(team, mean) / np.bincount(team)
    return {str(name): float(value) for name, value in zip(ratings.teams, values, strict=True)}


def _limits(row: dict, low: str, high: str) -> tuple[float, float] | None:
    ends = [row.get(low), row.get(high)]
    known = [float(end) for end in ends if end is not None and not np.isnan(end)]
    return (known[0], known[1]) if len(known) == len(ends) else None
