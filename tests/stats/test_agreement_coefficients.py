"""Alpha at every level, weighted coefficients with standard errors, intraclass correlations."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from statsmodels.stats.inter_rater import cohens_kappa

from analysis.agreement.alpha import LEVELS, alpha_of_rows, krippendorff_alpha
from analysis.agreement.blocks import mid_ranks
from analysis.agreement.coefficients import LABELS
from analysis.agreement.icc import FORMS, intraclass_correlations
from analysis.agreement.raters import (
    brennan_prediger_weighted,
    conger_kappa,
    fleiss_weighted,
    gwet_ac2,
)
from analysis.agreement.summary import agreement_summary
from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.votes import validate_votes

nan = np.nan
FOUR_RATERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
        [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
    ]
)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(3))
def test_alpha_at_every_level_is_the_peers(level, seed):
    rng = np.random.default_rng(seed)
    values = rng.choice([0.5, 1, 2, 4, 7.5], size=(4, 30))
    values[rng.random(values.shape) < 0.2] = nan
    peer = krippendorff.alpha(values, level_of_measurement=level)
    assert krippendorff_alpha(values, level=level) == pytest.approx(peer, abs=1e-9)


def test_a_ratio_of_negative_values_is_refused():
    with pytest.raises(AnalysisError, match="value -2: a ratio needs"):
        krippendorff_alpha(np.array([[-2.0, 1], [1, 1]]), level="ratio")


@pytest.mark.parametrize(
    ("coefficient", "value", "se"),
    [
        (gwet_ac2, 0.77544, 0.14295),
        (fleiss_weighted, 0.76117, 0.15302),
        (brennan_prediger_weighted, 0.77273, 0.14472),
        (conger_kappa, 0.76207, 0.15011),
    ],
)
def test_four_raters_with_missing_ratings_have_the_published_values_and_errors(coefficient, value, se):
    """Gwet (2014), as irrCAC for R prints them; Conger's from irrCAC 0.4.4 for Python, which counts an
    empty cell as a category in the first and the third."""
    found = coefficient(FOUR_RATERS)
    assert (round(found.value, 5), round(found.se, 5)) == (value, se)
    assert found.low < found.value < found.high <= 1


COMPLETE = np.array(
    [
        [4, 5, 4, 1, 2, 2, 1, 1, 2, 5, 5, 4, 2, 5, 4, 4, 3, 2, 3, 5],
        [5, 3, 2, 1, 1, 2, 1, 1, 1, 5, 5, 5, 3, 5, 5, 5, 4, 4, 4, 5],
        [5, 5, 4, 2, 3, 1, 1, 2, 2, 5, 4, 4, 3, 4, 5, 5, 3, 4, 3, 5],
        [5, 4, 2, 1, 3, 1, 1, 1, 2, 5, 3, 5, 2, 3, 5, 4, 3, 2, 3, 5],
    ]
)
IRRCAC = {
    ("identity", gwet_ac2): (0.32562, 0.07503),
    ("identity", conger_kappa): (0.31723, 0.07005),
    ("ordinal", gwet_ac2): (0.72273, 0.05533),
    ("ordinal", brennan_prediger_weighted): (0.71131, 0.05004),
    ("ordinal", fleiss_weighted): (0.73281, 0.06749),
    ("ordinal", conger_kappa): (0.73432, 0.06652),
    ("linear", gwet_ac2): (0.58802, 0.06411),
    ("linear", conger_kappa): (0.59701, 0.07344),
    ("quadratic", gwet_ac2): (0.77538, 0.05144),
    ("quadratic", brennan_prediger_weighted): (0.76458, 0.04705),
    ("quadratic", fleiss_weighted): (0.78536, 0.06223),
    ("quadratic", conger_kappa): (0.78647, 0.06144),
}


@pytest.mark.parametrize(("weights", "coefficient"), IRRCAC)
def test_weighted_coefficients_are_the_peers(weights, coefficient):
    """irrCAC 0.4.4 on complete ratings, to five digits (frozen: its dependencies pin old versions)."""
    found = coefficient(COMPLETE, weights=weights)
    assert (found.value, found.se) == pytest.approx(IRRCAC[weights, coefficient], abs=6e-6)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_conger_of_two_raters_is_cohens_kappa(weights):
    table = np.zeros((5, 5))
    np.add.at(table, tuple(COMPLETE[:2] - 1), 1)
    peer = cohens_kappa(table, wt=weights, return_results=False)
    assert conger_kappa(COMPLETE[:2], weights=weights or "identity").value == pytest.approx(peer)


def test_ac1_counts_the_categories_that_were_used_unless_told_of_others():
    used, all_of_them = gwet_ac2(FOUR_RATERS), gwet_ac2(FOUR_RATERS, categories=np.arange(1, 13))
    assert used.value < all_of_them.value
    with pytest.raises(AnalysisError, match="rating 5 is not one of the categories"):
        gwet_ac2(FOUR_RATERS, categories=np.arange(1, 5))


def test_standard_errors_are_about_those_of_resampled_units():
    rng = np.random.default_rng(5)
    base = rng.integers(1, 5, 120)
    ratings = np.where(rng.random((4, 120)) < 0.6, base, rng.integers(1, 5, (4, 120))).astype(float)
    for coefficient in (gwet_ac2, fleiss_weighted, brennan_prediger_weighted, conger_kappa):
        draws = [coefficient(ratings[:, rng.integers(0, 120, 120)]).value for _ in range(150)]
        assert coefficient(ratings).se == pytest.approx(np.std(draws), rel=0.2)


def test_ratings_without_two_of_a_unit_or_without_a_spread_say_so():
    with pytest.raises(AnalysisError, match="no unit has two ratings"):
        gwet_ac2(np.array([[1.0, nan], [nan, 2.0]]))
    assert np.isnan(fleiss_weighted(np.ones((3, 4))).value)


SHROUT = np.array([[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]])


def peer_icc(ratings):
    units, raters = np.meshgrid(np.arange(ratings.shape[1]), np.arange(len(ratings)))
    table = pd.DataFrame({"u": units.ravel(), "r": raters.ravel(), "x": ratings.ravel()})
    import pingouin  # slow to import

    return pingouin.intraclass_corr(table, targets="u", raters="r", ratings="x")


@pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_intraclass_correlations_are_the_peers_with_their_intervals(seed):
    rng = np.random.default_rng(seed)
    ratings = SHROUT if seed is None else rng.normal(0, 1, 9) + rng.normal(0, 1, (3, 9))
    peer = peer_icc(ratings)
    for (_, row), name in zip(peer.iterrows(), FORMS, strict=True):
        found = intraclass_correlations(ratings)[name]
        assert found.value == pytest.approx(row["ICC"], abs=1e-4)
        interval = row[next(c for c in peer.columns if c.startswith("CI95"))]
        assert [found.low, found.high] == pytest.approx(list(interval), abs=0.0051)


def test_raters_who_agree_but_for_leniency_are_consistent_and_not_absolutely():
    ratings = np.arange(6.0) + np.array([[0], [1], [2]])
    found = intraclass_correlations(ratings)
    assert found["icc_3_1"].value == pytest.approx(1)
    assert found["icc_2_1"].value < 0.8
    with pytest.raises(AnalysisError, match="every rater's rating"):
        intraclass_correlations(FOUR_RATERS)


def test_the_mean_of_two_opposite_raters_has_no_correlation():
    found = intraclass_correlations(np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
    assert found["icc_1_1"].value == pytest.approx(-1)
    assert np.isnan(found["icc_1_k"].value)


def summary(votes):
    return agreement_summary(validate_votes(votes), rng=np.random.default_rng(0), permutations=20)


def test_a_study_has_them_all_and_they_fit_the_headline_measures(tmp_path):
    votes = simulated_votes(
        simulate_ranks([1, 0.5, 0, -0.5, -1], judges=5, images=7, rng=np.random.default_rng(2))[0],
        rng=np.random.default_rng(3),
    )
    data = summary(votes)
    found = data["coefficients"]
    assert set(LABELS) < set(found)
    assert all(row["undefined"] is None and row["ci"] for row in found.values())
    for ours, headline in {
        "fleiss_kappa_top1_se": "fleiss_kappa_top1",
        "gwet_ac1_top1_all": "gwet_ac1_top1",
        "brennan_prediger_top1_se": "brennan_prediger_top1",
    }.items():
        assert found[ours]["value"] == pytest.approx(data[headline]["value"])
    # With equal means and variances in every ballot, ICC(3,1) is the mean correlation.
    values = np.stack([mid_ranks(p).ravel() for p in ranks_by_judge(votes)])
    pairs = np.corrcoef(values)[np.triu_indices(5, 1)]
    assert found["icc_3_1"]["value"] == pytest.approx(pairs.mean())
    votes.to_csv(tmp_path / "votes.csv", index=False)
    call = ["agreement", str(tmp_path / "votes.csv"), "--table", "coefficients", "--permutations", "20"]
    lines = CliRunner().invoke(main, call).stdout.splitlines()
    assert lines[0].startswith("coefficient,value,se,low,high,undefined")
    assert len(lines) == 1 + len(found)


def ranks_by_judge(votes):
    places = votes.assign(rank=votes["rank"].astype(float).fillna(0).astype(int))
    return [
        own.pivot(index="image", columns="team", values="rank").to_numpy()
        for _, own in places.groupby("judge")
    ]


def test_a_judge_who_misses_a_candidate_leaves_no_intraclass_correlation_and_a_reason():
    votes = simulated_votes(
        simulate_ranks([1, 0, -1, -1], judges=4, images=6, rng=np.random.default_rng(2))[0],
        rng=np.random.default_rng(3),
    )
    found = summary(votes[~((votes["judge"] == "J01") & (votes["image"] == "001"))])["coefficients"]
    assert "every rater's rating" in found["icc_2_1"]["undefined"]
    assert found["conger_kappa_top1"]["value"] is not None


@pytest.mark.parametrize("level", LEVELS)
def test_long_tables_have_the_alpha_of_their_matrix_however_many_units_there_are(level, monkeypatch):
    rng = np.random.default_rng(7)
    ratings = rng.integers(1, 6, (5, 40)).astype(float)
    ratings[rng.random(ratings.shape) < 0.4] = nan
    judge, unit = np.nonzero(~np.isnan(ratings))
    rows = rng.permutation(len(unit))
    dense = alpha_of_rows(unit[rows], ratings[judge, unit][rows], level=level)
    assert dense == pytest.approx(krippendorff.alpha(ratings, level_of_measurement=level))
    monkeypatch.setattr("analysis.agreement.alpha._DENSE", 0)
    assert alpha_of_rows(unit, ratings[judge, unit], level=level) == pytest.approx(dense)
