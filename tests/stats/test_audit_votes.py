"""Audits of the votes themselves, and of an S3 column against them."""

import numpy as np
import pandas as pd

from analysis.audit.votes import audit_s3, audit_votes
from analysis.points import team_points
from analysis.rule import POINTS
from analysis.votes import validate_votes

TEAMS = ("Ada", "Bea", "Cyd", "Dot")


def votes(judges=("Jude", "June"), images=("001", "002")) -> pd.DataFrame:
    rows = [
        (judge, image, team, slot, slot if slot <= 3 else np.nan)
        for judge in judges
        for image in images
        for slot, team in enumerate(TEAMS, start=1)
    ]
    return pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])


def verdicts(table: pd.DataFrame, **options) -> dict[str, str]:
    return {
        finding.check: finding.verdict
        for finding in audit_votes(validate_votes(table), **{"points": POINTS} | options)
    }


def messages(table: pd.DataFrame) -> str:
    return " ".join(finding.message for finding in audit_votes(validate_votes(table), points=POINTS))


def test_a_complete_study_keeps_every_law():
    assert set(verdicts(votes()).values()) == {"ok"}
    assert set(verdicts(votes(), points=(5, 3, 1)).values()) == {"ok"}


def test_missing_ballots_are_counted_by_judge():
    table = votes()
    table = table[(table["judge"] != "June") | (table["image"] != "002")]
    assert verdicts(table) == {
        "points of a ballot": "ok",
        "sum of s3": "ok",
        "ballots": "note",
        "candidates": "ok",
    }
    assert "1 of 4 ballots are missing (June 1)" in messages(table)


def test_hidden_teams_are_counted():
    table = votes()
    table = table[(table["judge"] != "June") | (table["team"] != "Dot")]
    assert verdicts(table) | {"candidates": "note"} == verdicts(table)
    assert verdicts(table)["sum of s3"] == "ok"
    assert "Dot 2" in messages(table)
    assert "2 of 4 ballots did not show every team" in messages(table)


def test_short_ballots_break_the_sums():
    table = votes()
    table.loc[table["rank"] == 3, "rank"] = table["rank"].where(table["judge"] == "Jude")
    found = verdicts(table)
    assert found["points of a ballot"] == found["sum of s3"] == "note"


def test_rows_that_do_not_count_are_named():
    table = pd.concat([votes().assign(kind="main"), votes(("June",), ("900",)).assign(kind="golden")])
    assert "not counted: 4 rows of golden trials" in messages(table)


def test_s3_must_follow_from_the_votes():
    right = team_points(validate_votes(votes()), points=POINTS)[["team", "s3"]]
    assert [finding.verdict for finding in audit_s3(right, validate_votes(votes()), points=POINTS)] == ["ok"]
    wrong = right.assign(s3=right["s3"] + [0, 1, 0, 0])
    finding = audit_s3(wrong, validate_votes(votes()), points=POINTS)[0]
    assert (finding.verdict, finding.teams) == ("wrong", (right["team"][1],))
    assert "printed 5, votes 4.00" in finding.message
    assert audit_s3(right[["team"]], validate_votes(votes()), points=POINTS) == []
