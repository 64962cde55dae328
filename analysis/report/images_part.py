"""Sections: the images."""

import pandas as pd

from analysis.report.blocks import Section, Table, Text
from analysis.report.study import Study

ENDS = 5
DECIMALS = {"p (adjusted)": 4}


def images_section(study: Study) -> Section:
    """Which images decided the ranking, and which separated the teams least."""
    frame = _frame(study)
    ordered = frame.sort_values(["Kendall's W", "Image"], ascending=[False, True], ignore_index=True)
    clear = int((frame["p (adjusted)"] <= 0.05).sum())
    text = (
        "An image is decisive if the judges agree on it (Kendall's W) and its points go to few teams "
        "(spread of points: 0 if one team gets all, 1 if all get equal shares). The lead is the "
        "difference in mean points between the first and the second team. An adjusted p value up to 0.05 "
        f"means that the judges agree beyond chance on that image (Benjamini-Hochberg): here on {clear} of "
        f"{len(frame)}. No image was left out."
    )
    if len(ordered) <= 2 * ENDS:
        return Section("Images", (Text(text), Table("Images, most decisive first.", ordered, DECIMALS)))
    return Section(
        "Images",
        (
            Text(text),
            Table(f"The {ENDS} most decisive images.", ordered.head(ENDS), DECIMALS),
            Table(f"The {ENDS} least decisive images.", ordered.tail(ENDS), DECIMALS),
        ),
    )


def all_images(study: Study) -> list[Section]:
    """The whole table; `images_section` shows only its two ends."""
    frame = _frame(study)
    if len(frame) <= 2 * ENDS:
        return []
    return [Section("All images", (Table("Images in the order of their names.", frame, DECIMALS),))]


def _frame(study: Study) -> pd.DataFrame:
    rows = pd.DataFrame(study.agreement["images"])
    return pd.DataFrame(
        {
            "Image": rows["image"],
            "Ballots": rows["judges"],
            "Leading team": rows["leader"],
            "Lead": rows["margin"].astype(float),
            "Kendall's W": rows["kendall_w"].astype(float),
            "p (adjusted)": rows["p_adjusted"].astype(float),
            "Spread of points": rows["points_entropy"].astype(float),
        }
    )
