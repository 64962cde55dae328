"""The summary and the command: keys, undefined values, what counts, reproducibility, intervals."""

import json
import math

import krippendorff
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from statsmodels.stats.inter_rater import fleiss_kappa as peer_fleiss

from analysis.agreement import MEASURES, agreement_summary
from analysis.agreement.intervals import estimate_all, jackknife_interval, mean_statistic
from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.votes import validate_votes

ESTIMATES = {"value", "ci", "undefined", "ci_undefined", "chance", "label", "per_image"}


def study(judges=7, images=10, teams=8, seed=0, quality=None, places=3):
    quality = np.linspace(0, 2, teams) if quality is None else quality
    rng = np.random.default_rng(seed)
    rank = simulate_ranks(quality, judges=judges, images=images, places=places, rng=rng)[0]
    return simulated_votes(rank, rng=rng).drop(columns="simulated")


def summary(votes, **options):
    return agreement_summary(
        validate_votes(votes), **{"rng": np.random.default_rng(1), "permutations": 299} | options
    )


def mid_rank_table(votes, judges, units):
    """Judges by units (image, team), straight from the votes with pandas."""
    placed = votes["rank"].astype(float)
    ranks = placed.fillna(99).groupby([votes["judge"], votes["image"]]).rank()
    return votes.assign(rank=ranks).pivot(index=judges, columns=units, values="rank").to_numpy()


def test_the_overall_values_are_the_peers():
    votes = study()
    found = summary(votes)
    values = mid_rank_table(votes, "judge", ["image", "team"])
    first = votes[votes["rank"] == 1].groupby(["image", "team"]).size().unstack(fill_value=0)
    alpha = krippendorff.alpha(values, level_of_measurement="ordinal")
    assert found["krippendorff_alpha_ordinal"]["value"] == pytest.approx(alpha, abs=1e-9)
    assert found["fleiss_kappa_top1"]["value"] == pytest.approx(peer_fleiss(first.to_numpy()), abs=1e-9)
    w, rho = found["kendall_w"]["value"], found["mean_spearman"]["value"]
    assert rho == pytest.approx((7 * w - 1) / 6, abs=1e-12)
    assert found["panel_reliability"]["value"] == pytest.approx(7 * rho / (1 + 6 * rho), abs=1e-12)
    assert found["kendall_w"]["chance"] == pytest.approx(1 / 7)


def test_every_estimate_has_its_interval_and_every_part_its_rows():
    found = summary(study())
    for name in MEASURES:
        assert set(found[name]) >= ESTIMATES
        low, high = found[name]["ci"]
        assert low <= found[name]["value"] <= high
        assert set(found[name]["per_image"]) == {f"{image:03}" for image in range(1, 11)}
    assert set(found["kendall_w"]["per_image"]["001"]) == {"value", "p", "judges"}
    assert [row["judge"] for row in found["judges"]] == [f"J0{judge}" for judge in range(1, 8)]
    assert len(found["images"]) == 10
    assert sorted(found["judge_matrix"]["judges"]) == [row["judge"] for row in found["judges"]]
    assert (
        found["drift"]["undefined"] == "the votes have neither a column position nor a column at with times"
    )


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_the_rows():
    votes = study()
    again = votes.sample(frac=1, random_state=3)
    assert json.dumps(summary(votes)) == json.dumps(summary(again))


def test_new_names_change_no_value():
    votes = study()
    renamed = votes.assign(judge="x" + votes["judge"], team="x" + votes["team"], image="x" + votes["image"])
    assert summary(renamed)["kendall_w"]["value"] == pytest.approx(
        summary(votes)["kendall_w"]["value"], abs=1e-12
    )


def nothing_but_numbers(data):
    """JSON without NaN."""
    return json.loads(json.dumps(data, allow_nan=False))


def test_one_judge_is_undefined_and_says_so():
    found = nothing_but_numbers(summary(study(judges=1)))
    for name in MEASURES:
        assert found[name]["value"] is None
        assert found[name]["undefined"]
    assert found["kendall_w"]["p"] is None
    assert found["judges"][0]["loo_spearman"] is None
    assert found["judges"][0]["undefined"]


def test_one_image_has_values_and_no_interval():
    found = nothing_but_numbers(summary(study(images=1)))
    assert found["kendall_w"]["value"] > 0
    assert found["kendall_w"]["ci"] is None
    assert found["kendall_w"]["ci_undefined"] == "with only one image there is nothing to compare it with"
    assert found["differences"]["undefined"]


def test_judges_who_all_say_the_same_agree_perfectly():
    found = nothing_but_numbers(summary(study(quality=np.arange(8) * 200.0)))
    for name in ("kendall_w", "mean_spearman", "mean_tau_b", "krippendorff_alpha_ordinal", "gwet_ac1_top1"):
        assert found[name]["value"] == pytest.approx(1)
    for name in ("percent_top1", "brennan_prediger_top1"):
        assert found[name]["value"] == 1
    assert found["percent_top1"]["chance"] == pytest.approx(1 / 8)
    assert found["fleiss_kappa_top1"]["value"] is None
    assert "same team" in found["fleiss_kappa_top1"]["undefined"]


def test_lists_that_hold_all_the_teams_have_no_corrected_overlap():
    found = nothing_but_numbers(summary(study(teams=3)))
    assert found["top3_overlap"]["undefined"] == "every list of 3 contains all the teams"
    assert found["kendall_w"]["value"] is not None


@pytest.mark.parametrize("places", [1, 2, 8])
def test_other_numbers_of_places_work(places):
    found = nothing_but_numbers(summary(study(places=places)))
    assert found["depth"] == min(places, 3)
    assert found["kendall_w"]["value"] is not None


def test_unrelated_judges_are_at_chance():
    found = summary(study(judges=6, images=60, quality=np.zeros(8)))
    assert found["kendall_w"]["value"] == pytest.approx(1 / 6, abs=0.02)
    assert found["kendall_w"]["p"] > 0.01
    for name in ("mean_spearman", "krippendorff_alpha_ordinal", "gwet_ac1_top1", "top3_overlap"):
        low, high = found[name]["ci"]
        assert low < 0 < high


def test_only_main_trials_count():
    votes = study()
    again = votes[votes["judge"] == "J01"].assign(kind="repeat")
    practice = votes[votes["image"] == "001"].assign(kind="practice", image="practice")
    together = pd.concat([votes.assign(kind="main"), again, practice])
    assert json.dumps(summary(together)) == json.dumps(summary(votes))


def test_simulated_votes_are_marked():
    assert summary(study().assign(simulated="true"))["simulated"] is True
    assert summary(study().assign(simulated="false"))["simulated"] is False


def test_missing_ballots_and_conflicts_keep_everything_defined():
    votes = study(judges=8, images=12)
    gone = (votes["judge"] == "J03") & (votes["image"] > "004")
    hidden = (votes["judge"] == "J05") & (votes["team"] == "T08")
    votes = votes[~gone & ~hidden]
    placed = votes.groupby(["judge", "image"])["rank"]
    votes = votes.assign(rank=placed.rank())  # close the gap where the hidden team had been placed
    found = nothing_but_numbers(summary(votes))
    assert found["kendall_w"]["per_image"]["001"]["judges"] == 8
    assert found["kendall_w"]["per_image"]["005"]["judges"] == 7
    assert all(found[name]["value"] is not None for name in MEASURES)


def test_drift_needs_orders_that_differ():
    votes = study(judges=5, images=8)
    image = votes["image"].astype(int)
    fixed = summary(votes.assign(position=image))["drift"]
    assert "same order" in fixed["undefined"]
    shift = votes["judge"].str[1:].astype(int)
    rotated = summary(votes.assign(position=(image + shift) % 8))["drift"]
    assert rotated["undefined"] is None
    assert math.isfinite(rotated["p"])
    assert len(rotated["mean_by_quarter"]) == 4


def test_the_order_of_a_session_is_read_from_times_and_a_bad_time_is_named():
    votes = study(judges=5, images=8)
    minute = (votes["image"].astype(int) + votes["judge"].str[1:].astype(int)) % 8
    timed = votes.assign(at=[f"2026-03-01T12:{m:02}:00Z" for m in minute])
    assert summary(timed)["drift"] == summary(votes.assign(position=minute + 1))["drift"]
    with pytest.raises(AnalysisError, match="'noon' is not a time"):
        summary(votes.assign(at="noon"))


@pytest.mark.parametrize("images", [8, 40])
def test_intervals_cover_the_mean_of_the_images_however_few(images):
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(1000):
        statistic = mean_statistic(rng.normal(0, 0.2, images), "never")
        low, high = estimate_all({"mean": statistic})["mean"].ci or (0, 0)
        hits += low < 0 < high
    assert hits / 1000 == pytest.approx(0.95, abs=0.025)


def test_the_interval_of_a_biased_statistic_is_moved_back():
    """The square of a mean is too large by the variance of the mean, which the jackknife takes away."""
    values = np.random.default_rng(0).normal(0, 1, 12)
    without = ((values.sum() - values) / 11) ** 2
    low, high = jackknife_interval(values.mean() ** 2, without)
    unbiased = values.mean() ** 2 - values.var(ddof=1) / 12
    assert (low + high) / 2 == pytest.approx(unbiased)
    assert jackknife_interval(1.0, np.ones(50)) == pytest.approx((1.0, 1.0))


def run(tmp_path, votes, *options):
    path = tmp_path / "votes.csv"
    votes.to_csv(path, index=False)
    arguments = ["agreement", str(path), "--permutations", "99", *options]
    return CliRunner().invoke(main, arguments)


def test_the_command_writes_json_with_the_promised_keys(tmp_path):
    result = run(tmp_path, study(), "--format", "json", "--seed", "3")
    data = json.loads(result.stdout)
    assert data["seed"] == 3
    assert {"value", "ci", "p", "per_image"} <= set(data["kendall_w"])
    assert {"judge", "loo_spearman"} <= set(data["judges"][0])
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("table", "first", "rows"),
    [
        ("measures", "measure", len(MEASURES)),
        ("judges", "judge", 7),
        ("images", "image", 10),
        ("matrix", "judge", 7),
    ],
)
def test_the_command_writes_tables(tmp_path, table, first, rows):
    lines = run(tmp_path, study(), "--table", table).stdout.splitlines()
    assert lines[0].split(",")[0] == first
    assert len(lines) == rows + 1


def test_simulated_votes_are_marked_in_every_format(tmp_path):
    votes = study().assign(simulated=True)
    assert json.loads(run(tmp_path, votes, "--format", "json").stdout)["simulated"] is True
    result = run(tmp_path, votes)
    assert result.stdout.splitlines()[0].endswith(",simulated")
    assert "some votes are simulated" in result.stderr


def test_the_command_refuses_bad_votes_in_one_line(tmp_path):
    result = run(tmp_path, study().drop(columns="team"))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "team" in result.stderr
