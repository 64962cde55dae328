"""Screening of judges who compare pairs or rate: each rule finds the judge it is for, and nobody else."""

import numpy as np
import pandas as pd
import pytest

from analysis.pairs import validate_pairs
from analysis.ratings import validate_ratings
from analysis.rule import read_rule
from analysis.screening.summary import screening_summary

JUDGES, IMAGES, TEAMS = 9, 12, 5
ODD = "J4"
QUALITY = np.linspace(1.2, -1.2, TEAMS)


def pair_rows(seed=0) -> pd.DataFrame:
    """All pairs of each image, in drawn order, sides drawn; answers follow the worths."""
    rng = np.random.default_rng(seed)
    rows = []
    for judge in range(JUDGES):
        own = []
        for image in range(IMAGES):
            for a in range(TEAMS):
                for b in range(a):
                    left, right = (a, b) if rng.random() < 0.5 else (b, a)
                    won = rng.random() < 1 / (1 + np.exp(QUALITY[right] - QUALITY[left]))
                    own.append((f"J{judge}", f"I{image}", f"T{left}", f"T{right}", "a" if won else "b"))
        order = rng.permutation(len(own))
        rows += [(*own[place], "main", position) for position, place in enumerate(order, start=1)]
    table = pd.DataFrame(rows, columns=["judge", "image", "team_a", "team_b", "answer", "kind", "position"])
    return table.assign(trial=[f"t{n}" for n in range(len(table))], seconds=12.0)


def hidden(table: pd.DataFrame, kind: str, each: int) -> pd.DataFrame:
    """The first trials of each judge again, as hidden ones."""
    part = table[table["kind"] == "main"].groupby("judge").head(each)
    return part.assign(kind=kind, trial=kind + part["trial"])


def odd_pairs(rule: str) -> pd.DataFrame:
    """Pairs in which one judge does what a rule looks for."""
    table = pair_rows()
    odd = table["judge"] == ODD
    rng = np.random.default_rng(9)
    if rule in ("chance", "outlier", "likelihood"):
        table.loc[odd, "answer"] = rng.choice(["a", "b"], odd.sum())
    elif rule == "repeats":
        again = hidden(table, "repeat", 12)
        turned = again["judge"] == ODD
        again.loc[turned, "answer"] = again.loc[turned, "answer"].map({"a": "b", "b": "a"})
        table = pd.concat([table, again])
    elif rule == "identical":
        same = hidden(table, "identical", 8).assign(answer="tie")
        same["team_b"] = same["team_a"]
        same.loc[same["judge"] == ODD, "answer"] = "a"
        table = pd.concat([table, same])
    elif rule == "golden":
        worse = hidden(table, "golden", 4).assign(team_b="known-worse", answer="a")
        worse.loc[worse["judge"] == ODD, "answer"] = ["b", "tie", "b", "a"]
        table = pd.concat([table, worse])
    elif rule == "position":
        table.loc[odd & (rng.random(len(table)) < 0.6), "answer"] = "a"
    elif rule == "pattern":
        table.loc[odd, "answer"] = np.where(table.loc[odd, "position"] % 40 < 20, "a", "b")
    elif rule == "pace":
        table.loc[odd, "seconds"] = 1.0
    elif rule == "fading":
        late = odd & (table["position"] > 60)
        table.loc[late, "answer"] = table.loc[late, "answer"].map({"a": "b", "b": "a"})
    return table


def screened(answers):
    rule = read_rule("bt" if hasattr(answers, "answer") else "mos")
    return screening_summary(answers, rule=rule, rng=np.random.default_rng(1), permutations=499)


PAIR_RULES = [
    "chance",
    "outlier",
    "likelihood",
    "repeats",
    "identical",
    "golden",
    "position",
    "pattern",
    "pace",
]


@pytest.mark.parametrize("rule", [*PAIR_RULES, "pace", "fading"])
def test_a_rule_of_pairs_finds_the_odd_judge_alone(rule):
    found = screened(validate_pairs(odd_pairs(rule)))
    assert found["rules"][rule]["flagged"] == [ODD]
    decisions = {row["judge"]: row["decision"] for row in found["judges"]}
    assert decisions[ODD] == ("propose" if rule in ("chance", "outlier") else decisions[ODD])
    assert decisions[ODD] != "keep"


def test_honest_judges_of_pairs_are_kept_and_rules_without_their_trials_say_so():
    found = screened(validate_pairs(pair_rows(3)))
    assert {row["decision"] for row in found["judges"]} == {"keep"}
    undefined = {name for name, rule in found["rules"].items() if rule["undefined"]}
    assert undefined == {"repeats", "identical", "golden"}
    assert found["rankings"][0]["ranking"][0]["team"] == "T0"
    assert "position_bias" not in found


def rating_rows(seed=0, *, controls=False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = [f"T{team}" for team in range(TEAMS)] + (["reference", "anchor"] if controls else [])
    quality = [*(3 + QUALITY), *([4.8, 1.2] if controls else [])]
    of_image = 0.4 * rng.normal(size=IMAGES)
    rows = []
    for judge in range(JUDGES):
        bias = 0.2 * rng.normal()
        cells = [(image, team) for image in range(IMAGES) for team in range(len(names))]
        for position, place in enumerate(rng.permutation(len(cells)), start=1):
            image, team = cells[place]
            score = quality[team] + of_image[image] + bias + 0.5 * rng.normal()
            score = float(np.clip(np.round(score), 1, 5))
            rows.append((f"J{judge}", f"I{image}", names[team], score, "main", position))
    table = pd.DataFrame(rows, columns=["judge", "image", "team", "score", "kind", "position"])
    return table.assign(seconds=12.0)


def odd_ratings(rule: str) -> pd.DataFrame:
    table = rating_rows(controls=rule == "controls")
    odd = table["judge"] == ODD
    rng = np.random.default_rng(9)
    if rule in ("chance", "outlier"):
        table.loc[odd, "score"] = rng.permutation(table.loc[odd, "score"])
    elif rule == "subjects":
        table.loc[odd, "score"] = np.clip(table.loc[odd, "score"] - 2, 1, 5)
    elif rule == "repeats":
        again = table.groupby("judge").head(15).assign(kind="repeat")
        turned = again["judge"] == ODD
        again.loc[turned, "score"] = rng.permutation(6 - again.loc[turned, "score"])
        table = pd.concat([table, again])
    elif rule == "golden":
        worse = table.groupby("judge").head(4).assign(kind="golden", team="known-worse", score=1.0)
        worse.loc[worse["judge"] == ODD, "score"] = 5.0
        table = pd.concat([table, worse])
    elif rule == "controls":
        table.loc[odd & (table["team"] == "reference"), "score"] = 2.0
        table.loc[odd & (table["team"] == "anchor"), "score"] = 4.0
    elif rule == "pattern":
        table.loc[odd, "score"] = 3.0
    elif rule == "pace":
        table.loc[odd, "seconds"] = 1.0
    elif rule == "fading":
        late = odd & (table["position"] > 30)
        table.loc[late, "score"] = 6 - table.loc[late, "score"]
    return table


RATING_RULES = ["chance", "outlier", "subjects", "repeats", "golden", "controls", "pattern", "pace"]


@pytest.mark.parametrize("rule", [*RATING_RULES, "fading"])
def test_a_rule_of_ratings_finds_the_odd_judge_alone(rule):
    found = screened(validate_ratings(odd_ratings(rule)))
    assert found["rules"][rule]["flagged"] == [ODD]
    decisions = {row["judge"]: row["decision"] for row in found["judges"]}
    assert decisions[ODD] != "keep"
    if rule in ("chance", "outlier"):
        assert decisions[ODD] == "propose"


def test_honest_judges_of_ratings_are_kept_and_rules_without_their_trials_say_so():
    found = screened(validate_ratings(rating_rows(5)))
    proposed = [row["judge"] for row in found["judges"] if row["decision"] == "propose"]
    assert proposed == []
    undefined = {name for name, rule in found["rules"].items() if rule["undefined"]}
    assert undefined == {"repeats", "golden", "controls"}
    assert [row["team"] for row in found["rankings"][0]["ranking"]] == [f"T{team}" for team in range(TEAMS)]


def test_one_judge_cannot_be_compared_and_that_is_said():
    pairs = pair_rows()
    found = screened(validate_pairs(pairs[pairs["judge"] == "J0"]))
    assert found["rules"]["chance"]["undefined"] == "no judge can be compared with others"
    ratings = rating_rows()
    found = screened(validate_ratings(ratings[ratings["judge"] == "J0"]))
    assert found["rules"]["chance"]["undefined"] == "no judge can be compared with others"
