"""Each screening rule finds the judge it is for, leaves the others alone, and says when it does not apply."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare, spearmanr

from analysis.agreement.blocks import blocks
from analysis.agreement.judges import leave_one_out
from analysis.errors import AnalysisError
from analysis.models.choices import choices_of_ballots
from analysis.models.plackett_luce import ballot_loglik, fit_choices
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.screening.checks import inconsistent, misses_golden
from analysis.screening.consensus import against_chance, outlying, unlikely
from analysis.screening.flags import robust_z
from analysis.screening.habits import fading, hasty, straight_lining
from analysis.screening.slots import favours_slots, slot_bias, slot_test
from analysis.votes import validate_votes

QUALITY = np.linspace(0, 3, 8)
JUDGES, IMAGES = 9, 30
ODD = 4  # the judge that the rules are to find
ODD_NAME = "J05"


def honest_ranks(seed=0, judges=JUDGES, images=IMAGES):
    return simulate_ranks(QUALITY, judges=judges, images=images, rng=np.random.default_rng(seed))[0]


def study(rank=None, seed=0):
    rank = honest_ranks(seed) if rank is None else rank
    return simulated_votes(rank, rng=np.random.default_rng(seed)).drop(columns="simulated")


def with_random_judge(seed=0):
    rank = honest_ranks(seed)
    rank[ODD] = np.random.default_rng(seed + 100).permuted(rank[ODD], axis=-1)
    return study(rank)


def by_slot(votes, slots):
    """Votes in which the odd judge picks given slots, in order, whatever they show."""
    odd = votes["judge"] == ODD_NAME
    place = votes.loc[odd, "slot"].map({slot: place for place, slot in enumerate(slots, start=1)})
    votes = votes.assign(rank=votes["rank"].astype(float))
    votes.loc[odd, "rank"] = place.astype(float)
    return votes


def judges_of(votes):
    ballots = validate_votes(votes).ballots
    rng = np.random.default_rng(0)
    return leave_one_out(blocks(ballots), len(ballots.judges), permutations=999, rng=rng)


def only_odd(flagged):
    return np.flatnonzero(flagged).tolist() == [ODD]


def test_a_judge_who_answers_at_random_is_found_by_chance_outlier_and_likelihood():
    votes = with_random_judge()
    judges = judges_of(votes)
    assert only_odd(against_chance(judges).flagged)
    assert only_odd(outlying(judges).flagged)
    assert only_odd(unlikely(validate_votes(votes).ballots).flagged)


def test_honest_judges_are_left_alone():
    votes = study(seed=3)
    judges = judges_of(votes)
    for rule in (against_chance(judges), outlying(judges), favours_slots(validate_votes(votes).ballots)):
        assert not rule.flagged.any()


def test_judges_with_few_ballots_are_not_flagged_by_chance():
    votes = with_random_judge()
    few = against_chance(judges_of(votes[votes["image"] <= "001"]))
    assert not few.flagged.any()
    assert "5 ballots" in (few.undefined or "")
    keep = (votes["judge"] != ODD_NAME) | (votes["image"] <= "004")
    assert not against_chance(judges_of(votes[keep])).flagged.any()


def test_perfect_agreement_is_never_no_better_than_chance():
    rank = np.tile(honest_ranks(images=6)[:1], (4, 1, 1))
    assert not against_chance(judges_of(study(rank))).flagged.any()


def test_the_likelihood_of_a_judge_is_under_the_others_model():
    votes = study()
    rest = validate_votes(votes[votes["judge"] != ODD_NAME]).ballots
    own = choices_of_ballots(validate_votes(votes[votes["judge"] == ODD_NAME]).ballots)
    worth = fit_choices(choices_of_ballots(rest)).log_worth
    expected = ballot_loglik(own, worth).mean()
    assert unlikely(validate_votes(votes).ballots).columns["loglik"][ODD] == pytest.approx(expected, abs=1e-9)


def test_few_judges_or_no_choice_make_the_likelihood_rule_inapplicable():
    assert "four judges" in unlikely(validate_votes(study(honest_ranks(judges=3))).ballots).undefined
    one_team = simulate_ranks([0.0], judges=5, images=4, places=1, rng=np.random.default_rng(0))[0]
    assert "no ballot prefers" in unlikely(validate_votes(study(one_team)).ballots).undefined


def test_robust_z_is_not_moved_by_the_judge_it_looks_for():
    values = np.array([0.40, 0.44, 0.38, 0.42, 0.41, -0.5])
    assert robust_z(values)[-1] < -20
    assert abs((values[-1] - values.mean()) / values.std()) < 2.3  # the plain z hides it
    assert np.isnan(robust_z(np.array([0.4, 0.4, 0.4, 0.1]))).all()
    assert np.isnan(robust_z(np.array([0.4, 0.5, 0.1]))).all()


def test_first_picks_by_slot_are_the_textbook_chi_square():
    ballots = validate_votes(study()).ballots
    test = slot_bias(ballots)["first_pick"]
    counts = np.bincount(ballots.slot[ballots.rank == 1] - 1, minlength=8)
    peer = chisquare(counts)
    np.testing.assert_array_equal(test.observed, counts)
    assert test.chi2 == pytest.approx(peer.statistic, abs=1e-9)
    assert test.p == pytest.approx(peer.pvalue, abs=1e-9)


def test_listed_slots_are_corrected_for_drawing_without_replacement():
    ballots = validate_votes(study()).ballots
    test = slot_bias(ballots)["listed"]
    counts = np.bincount(ballots.slot[ballots.rank > 0] - 1, minlength=8)
    n, k = 8, 3
    plain = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    assert test.chi2 == pytest.approx(plain * (n - 1) / (n - k), abs=1e-9)
    assert test.df == n - 1


def random_picks(rng, ballots, slots, hidden):
    """Three random picks from each ballot's slots; some ballots have one slot fewer."""
    shown = np.ones((ballots, slots), dtype=bool)
    shown[: ballots // 3, -1] = not hidden
    order = np.where(shown, rng.random(shown.shape), 2).argsort(axis=1)
    picked = np.zeros_like(shown)
    np.put_along_axis(picked, order[:, :3], True, axis=1)
    return shown, picked


@pytest.mark.parametrize("hidden", [False, True], ids=["all shown", "conflicts"])
def test_the_slot_test_rejects_as_often_as_it_says(hidden):
    rng = np.random.default_rng(7)
    p = np.array([slot_test(*random_picks(rng, 90, 7, hidden)).p for _ in range(1000)])
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.025)
    assert (p < 0.5).mean() == pytest.approx(0.5, abs=0.06)


def test_lists_of_all_slots_leave_nothing_to_test():
    everything = np.ones((4, 3), dtype=bool)
    assert slot_test(everything, everything) is None


def test_a_judge_who_prefers_a_slot_is_found():
    rule = favours_slots(validate_votes(by_slot(study(), [1, 2, 3])).ballots)
    assert only_odd(rule.flagged)
    assert rule.columns["top_slot_share"][ODD] == 1


def test_the_same_keys_again_and_again_are_found():
    rule = straight_lining(validate_votes(by_slot(study(), [2, 5, 7])).ballots)
    assert only_odd(rule.flagged)
    assert rule.columns["same_pattern_pairs"][ODD] == IMAGES * (IMAGES - 1) / 2
    assert rule.columns["same_pattern_expected"][0] == pytest.approx(IMAGES * (IMAGES - 1) / 2 / (8 * 7 * 6))


def timed(votes, seconds):
    return votes.assign(seconds=seconds)


def lognormal_seconds(votes, seed=0):
    """One time for each ballot."""
    ballot = votes.groupby(["judge", "image"]).ngroup()
    return np.random.default_rng(seed).lognormal(3.5, 0.4, size=ballot.max() + 1)[ballot]


def pace(votes, **options):
    votes = validate_votes(votes)
    return hasty(votes.ballots, votes.ballot_rows, **options)


def test_a_judge_far_faster_than_the_others_is_found():
    votes = study()
    seconds = lognormal_seconds(votes) * np.where(votes["judge"] == ODD_NAME, 0.25, 1)
    rule = pace(timed(votes, seconds), floor=0.1)
    assert only_odd(rule.flagged)
    assert rule.columns["seconds_z"][ODD] < -3


def test_a_fifth_of_the_ballots_under_the_floor_is_a_flag():
    votes = study()
    odd = (votes["judge"] == ODD_NAME) & (votes["image"] <= "006")
    rule = pace(timed(votes, np.where(odd, 2.0, lognormal_seconds(votes))))
    assert only_odd(rule.flagged)
    assert rule.columns["under_floor"][ODD] == pytest.approx(0.2)


def test_times_may_be_missing_but_not_negative():
    votes = study()
    assert "no times" in pace(votes).undefined
    some = timed(votes, np.where(votes["judge"] == "J01", np.nan, lognormal_seconds(votes)))
    rule = pace(some)
    assert np.isnan(rule.columns["median_seconds"][0])
    assert not rule.flagged[0]
    with pytest.raises(AnalysisError, match="-3 is negative"):
        pace(timed(votes, -3.0))


def test_a_judge_who_fades_is_found():
    rank = honest_ranks(images=60)
    rank[ODD, 30:] = np.random.default_rng(1).permuted(rank[ODD, 30:], axis=-1)
    votes = study(rank)
    votes = validate_votes(votes.assign(position=votes["image"].astype(int)))
    ballots = votes.ballots
    agreement = np.full(ballots.size, np.nan)
    for block in blocks(ballots):
        rest = block.ranks.sum(axis=0) - block.ranks
        agreement[block.ballot] = [spearmanr(a, b).statistic for a, b in zip(block.ranks, rest, strict=True)]
    rule = fading(agreement, ballots, votes.ballot_rows)
    assert only_odd(rule.flagged)
    assert rule.columns["drift_per_10_trials"][ODD] < 0


def with_repeats(honest, trials=6):
    """Main trials, and the first images again: the odd judge answers them alike or at random."""
    votes = study().assign(kind="main", trial="")
    votes["trial"] = votes["judge"] + "-" + votes["image"]
    again = votes[votes["image"] <= f"{trials:03}"].assign(kind="repeat")
    again["trial"] += "-again"
    odd = again["judge"] == ODD_NAME
    if not honest:
        rng = np.random.default_rng(2)
        shuffled = (
            again[odd].groupby("trial")["rank"].transform(lambda ranks: rng.permutation(ranks.to_numpy()))
        )
        again.loc[odd, "rank"] = shuffled
    return pd.concat([votes, again])


def repeats(votes):
    return inconsistent(validate_votes(votes), permutations=999, rng=np.random.default_rng(0))


def test_a_judge_whose_repeats_do_not_resemble_the_first_answers_is_found():
    assert only_odd(repeats(with_repeats(honest=False)).flagged)
    rule = repeats(with_repeats(honest=True))
    assert not rule.flagged.any()
    np.testing.assert_allclose(rule.columns["repeat_spearman"], 1)
    np.testing.assert_array_equal(rule.columns["repeats"], 6)


def test_one_or_two_repeats_condemn_nobody():
    assert not repeats(with_repeats(honest=False, trials=2)).flagged.any()


def with_golden(slips, trials=4):
    """Golden images where the team "worse" stands in for T01; the odd judge places it first `slips` times."""
    votes = study().assign(kind="main")
    golden = votes[votes["image"] <= f"{trials:03}"].assign(kind="golden")
    golden["team"] = golden["team"].replace("T01", "worse")
    worse, odd = golden["team"] == "worse", golden["judge"] == ODD_NAME
    golden["rank"] = golden["rank"].astype(float)
    plain = np.where(golden["team"] == "T08", 1.0, np.where(golden["team"] == "T07", 2.0, np.nan))
    golden["rank"] = plain
    slip = odd & (golden["image"] <= f"{slips:03}")
    golden.loc[slip, "rank"] = np.where(
        worse[slip], 1.0, np.where(golden.loc[slip, "team"] == "T08", 2.0, np.nan)
    )
    golden["image"] = "golden " + golden["image"]
    return pd.concat([votes, golden])


def golden_rule(votes, planted=None):
    return misses_golden(validate_votes(votes), planted)


def test_a_judge_who_places_the_known_worse_candidate_is_found():
    rule = golden_rule(with_golden(slips=3))
    assert only_odd(rule.flagged)
    assert rule.columns["golden_slips"][ODD] == 3
    assert rule.columns["golden"].tolist() == [4] * JUDGES


def test_one_slip_in_four_is_human():
    assert not golden_rule(with_golden(slips=1)).flagged.any()


def test_the_worse_candidate_can_be_named_and_a_wrong_name_is_refused():
    votes = with_golden(slips=3)
    assert only_odd(golden_rule(votes, {"golden 001": "worse", "golden 002": "worse"}).flagged)
    with pytest.raises(AnalysisError, match="no golden trial"):
        golden_rule(votes, {"golden 999": "worse"})
    with pytest.raises(AnalysisError, match="no candidate of 'T01'"):
        golden_rule(votes, {"golden 001": "T01"})


def test_golden_trials_with_known_teams_only_need_the_name():
    votes = study().assign(kind="main")
    golden = votes[votes["image"] == "001"].assign(kind="golden", image="golden")
    assert "unknown" in golden_rule(pd.concat([votes, golden])).undefined
