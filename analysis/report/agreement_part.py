"""Section: how far the judges agree, explained in plain language."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.plots.heat import heat_map
from analysis.plots.teams import sorted_dots
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.judges_part import MOST_JUDGES
from analysis.report.study import Study
from analysis.report.words import alpha_in_words, p_value, reliability_in_words, span

MEASURES = (
    "kendall_w",
    "mean_spearman",
    "mean_tau_b",
    "krippendorff_alpha_ordinal",
    "percent_top1",
    "brennan_prediger_top1",
    "fleiss_kappa_top1",
    "gwet_ac1_top1",
    "top3_overlap",
    "average_overlap",
    "rbo_ext",
    "panel_reliability",
)


def agreement_section(study: Study) -> Section:
    """Every measure with its interval and chance level, by image, between judges and over the session."""
    result = study.agreement
    rows = [
        {
            "Measure": result[name]["label"][0].upper() + result[name]["label"][1:],
            "Value": result[name]["value"],
            "95 % interval": span(result[name]["ci"], 3),
            "By chance": result[name]["chance"],
            "Undefined because": result[name]["undefined"] or result[name]["ci_undefined"],
        }
        for name in MEASURES
    ]
    frame = pd.DataFrame(rows)
    if frame["Undefined because"].isna().all():
        frame = frame.drop(columns="Undefined because")
    caption = "Agreement: 1 is perfect. Intervals resample the images."
    return Section(
        "Do the judges agree?",
        (
            *(Text(line) for line in agreement_in_words(study)),
            Table(caption, frame.astype({"Value": float, "By chance": float}), {"Value": 3, "By chance": 3}),
            *_by_image(result),
            *_between_judges(result),
            Text(_drift(result["drift"])),
            Text(_differences(result["differences"])),
        ),
    )


def agreement_in_words(study: Study) -> list[str]:
    """Explain the agreement: is it beyond chance, and how reliable are one judge and the whole panel?"""
    result = study.agreement
    w, alpha, panel = (
        result[name] for name in ("kendall_w", "krippendorff_alpha_ordinal", "panel_reliability")
    )
    if w["value"] is None:
        return [f"Agreement cannot be measured: {w['undefined']}."]
    beyond = (
        "more than chance would explain"
        if w["p"] is not None and w["p"] <= 0.05
        else "no more than chance would explain"
    )
    lines = [
        f"The judges agree {beyond}: Kendall's W is {w['value']:.2f} (95 % interval {span(w['ci'])}); "
        f"random votes would give {w['chance']:.2f}, identical votes 1; {p_value(w['p'])} by permutation."
    ]
    if alpha["value"] is not None and panel["value"] is not None:
        lines.append(
            f"Krippendorff's alpha is {alpha['value']:.2f}, {alpha_in_words(alpha['value'])}. The ranking "
            f"uses the mean of the whole panel; its reliability on one image is {panel['value']:.2f} "
            f"({reliability_in_words(panel['value'])})."
        )
    return lines


def _by_image(result: dict[str, Any]) -> list[Plot]:
    w = result["kendall_w"]
    values = np.array([row["value"] for row in w["per_image"].values()], dtype=float)
    if np.isnan(values).all() or len(values) < 2:
        return []
    names = list(w["per_image"])
    return [
        Plot(
            f"Kendall's W for each of {how_many(int((~np.isnan(values)).sum()), 'images')}. A low "
            "value means that tastes differ or that the results look alike.",
            "Dots in descending order, next to the chance level.",
            lambda: sorted_dots(values, names, label="Kendall's W", chance=w["chance"]),
        )
    ]


def _between_judges(result: dict[str, Any]) -> list[Plot]:
    matrix = result["judge_matrix"]
    values = np.array(matrix["values"], dtype=float)
    if matrix["undefined"] or not 3 <= len(values) <= MOST_JUDGES:
        return []
    apart = values[~np.eye(len(values), dtype=bool)]
    return [
        Plot(
            f"Agreement between each pair of {how_many(len(values), 'judges')} (mean Spearman correlation "
            "over images), with similar judges next to each other; a minus sign marks judges who disagree.",
            f"Heat map of judges by judges; values from {np.nanmin(apart):.2f} to {np.nanmax(apart):.2f}.",
            lambda: heat_map(
                values,
                rows=matrix["judges"],
                columns=matrix["judges"],
                label="mean Spearman",
                low=min(0.0, float(np.nanmin(apart))),
                high=max(0.0, float(np.nanmax(apart))),
                missing="nothing to compare",
                itself="the judge",
                around_0=True,
            ),
        )
    ]


def _drift(drift: dict[str, Any]) -> str:
    if drift["undefined"]:
        return f"Drift during the session: not measured ({drift['undefined']})."
    verdict = "changes" if drift["p"] is not None and drift["p"] <= 0.05 else "does not change measurably"
    return (
        f"During the session, agreement {verdict}: {drift['slope_per_10_trials']:+.3f} per 10 trials, "
        f"{p_value(drift['p'])}."
    )


def _differences(found: dict[str, Any]) -> str:
    if found["undefined"]:
        return f"Whether the teams differ at all: not tested ({found['undefined']})."
    verdict = "differ" if found["friedman_p"] <= 0.05 else "cannot be told apart"
    ratio = found["iman_davenport_f"]
    by_f = f"; Iman-Davenport F = {ratio:.1f}, {p_value(found['iman_davenport_p'])}" if ratio else ""
    return (
        f"Over all images, the teams {verdict}: Friedman test, chi2 = {found['friedman_chi2']:.1f}, "
        f"{p_value(found['friedman_p'])}{by_f}. Nemenyi's test does not separate teams whose mean ranks "
        f"differ by less than {found['nemenyi_cd']:.2f}."
    )
