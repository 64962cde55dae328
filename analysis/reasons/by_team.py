"""What is said of each team: praise and criticism by attribute, and examples of comments."""

import pandas as pd

COMMENTS = 3
"""Comments that are shown of a team, of praise and of criticism each."""


def totals(reasons: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each team that anything is said of, by name.

    Columns: team, better, worse, judges and images (how many spoke, and of how many), comments.

    Parameters
    ----------
    reasons
        As `analysis.reasons.reading.read_reasons` returns them.
    """
    return _counted(reasons, "team")


def attributes(reasons: pd.DataFrame, team: str) -> pd.DataFrame:
    """Return a row for each attribute that is said of a team, the most often named first.

    Columns: attribute, better, worse, judges, images, comments.
    """
    table = _counted(_of(reasons, team), "attribute")
    table = table.assign(named=table["better"] + table["worse"])
    table = table.sort_values(["named", "attribute"], ascending=[False, True], ignore_index=True)
    return table.drop(columns="named")


def comments(reasons: pd.DataFrame, team: str, *, most: int = COMMENTS) -> pd.DataFrame:
    """Return examples of what is written about a team: up to `most` that praise, then as many that criticise.

    Which ones are shown does not depend on their wording: first one for each attribute, the most often named
    attribute first, then further ones; among equals the first by image and judge. The same words twice are
    one comment.

    Columns: direction, attribute, region, text, image, judge.
    """
    own = _of(reasons, team)
    own = own[own["text"] != ""]
    chosen = []
    for direction in ("better", "worse"):
        table = own[own["direction"] == direction].astype(str)
        table = table.assign(named=table.groupby("attribute")["text"].transform("size"))
        order = ["named", "attribute", "image", "judge", "region", "text"]
        table = table.sort_values(order, ascending=[False, *[True] * (len(order) - 1)])
        table = table.drop_duplicates("text")
        turn = table.groupby("attribute").cumcount()
        chosen.append(table.assign(turn=turn).sort_values("turn", kind="stable").head(most))
    columns = ["direction", "attribute", "region", "text", "image", "judge"]
    return pd.concat(chosen)[columns].reset_index(drop=True)


def _of(reasons: pd.DataFrame, team: str) -> pd.DataFrame:
    return reasons[reasons["team"].astype(str) == team]


def _counted(reasons: pd.DataFrame, by: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            by: reasons[by].astype(str),
            "better": reasons["direction"] == "better",
            "worse": reasons["direction"] == "worse",
            "judge": reasons["judge"].astype(str),
            "image": reasons["image"].astype(str),
            "commented": reasons["text"] != "",
        }
    )
    grouped = table.groupby(by, sort=True)
    counts = grouped.agg(
        better=("better", "sum"),
        worse=("worse", "sum"),
        judges=("judge", "nunique"),
        images=("image", "nunique"),
        comments=("commented", "sum"),
    )
    return counts.astype(int).reset_index()
