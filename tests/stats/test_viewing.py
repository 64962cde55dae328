"""How judges looked and whether they agree: planted differences are found, few judges are not overrated."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr, ttest_1samp, ttest_ind

from analysis.errors import AnalysisError
from analysis.viewing.covariates import covariates
from analysis.viewing.reading import read_conditions

TABLE = """judge,kind,changed,outside,exact,dpr,width,height,light,colours
a,check,,,yes,1,1000,500,dark,seen
a,opened,,,no,2,1000,500,,
a,change,dpr,window,,1,,,,
a,opened,,,no,1,1000,500,,
a,opened,,,yes,1,1000,500,,
b,check,,,,1.5,2000,1000,dim,
b,check,,,yes,1,2000,1000,,red_green
"""


def read(text: str) -> pd.DataFrame:
    return read_conditions(io.BytesIO(text.encode()))


def test_a_judge_is_what_most_openings_say_and_what_was_told_last():
    a, b = read(TABLE).to_dict("records")
    assert (a["exact"], a["dpr"], a["window"], a["light"]) == ("no", 1, 0.5, "dark")
    assert (a["changes"], a["was_outside"]) == (1, True)
    assert (b["exact"], b["dpr"], b["window"], b["light"], b["colours"]) == ("yes", 1, 2, "dim", "red_green")
    assert (b["changes"], b["was_outside"]) == (0, False)
    with pytest.raises(AnalysisError, match="dpr"):
        read(TABLE.replace("1.5", "sharp"))


def panel(n: int, seed: int = 1) -> tuple[pd.DataFrame, pd.Series]:
    """Judges whose light matters and whose window does not."""
    rng = np.random.default_rng(seed)
    light = np.where(np.arange(n) % 2, "dark", "bright")
    judges = pd.DataFrame(
        {"light": light, "window": rng.normal(2, 0.5, n), "distance_cm": np.arange(n) + 40.0},
        index=[f"judge{number}" for number in range(n)],
    )
    return judges, pd.Series(0.5 + 0.2 * (light == "dark") + rng.normal(0, 0.05, n), index=judges.index)


def test_a_difference_is_that_of_welch_and_a_trend_that_of_spearman():
    judges, agreement = panel(16)
    found = covariates(judges, agreement)
    bright, dark = found.groups
    own = agreement[judges["light"] == "dark"]
    rest = agreement[judges["light"] == "bright"]
    assert dark.interval == pytest.approx(tuple(ttest_1samp(own, 0).confidence_interval()))
    welch = ttest_ind(own, rest, equal_var=False).confidence_interval()
    assert dark.difference_interval == pytest.approx(tuple(welch))
    assert bright.difference is not None
    assert dark.difference == pytest.approx(-bright.difference)
    window, distance = found.trends
    assert window.correlation == pytest.approx(spearmanr(judges["window"], agreement)[0])
    assert window.interval is not None
    assert window.interval[0] < 0 < window.interval[1]
    assert (distance.condition, distance.lowest, distance.highest) == ("distance_cm", 40, 55)
    assert (found.compared, found.apart) == (3, 1)


def test_few_judges_are_counted_and_not_measured():
    judges, agreement = panel(6)
    judges["panel"] = ["oled", "oled", "ips", "ips", "ips", "ips"]
    judges["hdr"] = "True"
    oled = next(group for group in covariates(judges, agreement).groups if group.value == "oled")
    assert (oled.judges, oled.mean, oled.difference) == (2, None, None)
    assert "hdr" not in {group.condition for group in covariates(judges, agreement).groups}
    alone = covariates(judges.iloc[:3], agreement)
    assert alone.compared == 0
    assert [(group.judges, group.mean) for group in alone.groups][:2] == [(2, None), (1, None)]


def test_eyes_are_compared_only_where_nobody_stands_out():
    judges, agreement = panel(10)
    judges["acuity"] = np.linspace(0.5, 1.4, 10)
    judges["colours"] = ["seen"] * 5 + ["red_green"] * 5
    found = covariates(judges, agreement)
    assert {group.value for group in found.groups if group.condition == "colours"} == {"seen", "red_green"}
    (acuity,) = [trend for trend in found.trends if trend.condition == "acuity"]
    assert (acuity.lowest, acuity.judges) == (None, 10)
    judges.loc["judge9", ["colours", "acuity"]] = ["seen", None]
    found = covariates(judges, agreement)
    assert not {"colours", "acuity"} & {item.condition for item in (*found.groups, *found.trends)}


def test_without_any_condition_hardly_one_interval_of_twenty_misses_zero():
    rng = np.random.default_rng(4)
    counts = np.zeros(2)
    for _ in range(150):
        judges = pd.DataFrame({"light": ["dim"] * 5 + ["lit"] * 4, "window": rng.normal(size=9)})
        found = covariates(judges, pd.Series(rng.normal(size=9)))
        counts += (found.apart, found.compared)
    assert counts[1] == 300
    assert 0 < counts[0] < 20
