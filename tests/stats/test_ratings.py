"""Ratings: mean opinion scores, the model of subjects on simulated truth, BT.500 and its ddof."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, t

from analysis.errors import AnalysisError
from analysis.opinion import (
    bt500_screening,
    fit_subject_model,
    mean_opinion,
    mos_correlation,
    sos_alpha,
    unusual_subjects,
)
from analysis.ratings import validate_ratings
from tests.stats.rated import ratings_of

QUALITY = np.linspace(1.5, 4.5, 60)


def ratings(subjects=24, seed=0, bias=0.3, noise=0.6, quality=QUALITY):
    rng = np.random.default_rng(seed)
    shift = rng.normal(0, bias, subjects)
    return quality + shift[:, None] + noise * rng.normal(size=(subjects, len(quality))), shift - shift.mean()


def test_means_have_their_t_interval():
    scores, _ = ratings(subjects=9)
    found = mean_opinion(scores)
    expected = t.interval(0.95, 8, loc=scores.mean(axis=0), scale=scores.std(axis=0, ddof=1) / 3)
    np.testing.assert_allclose(found.mos + found.half_width, expected[1], atol=1e-12)


def test_missing_scores_are_left_out_and_a_single_score_has_no_interval():
    found = mean_opinion(np.array([[3.0, np.nan, 1.0], [5.0, np.nan, np.nan]]))
    assert found.mos[0] == 4
    assert np.isnan(found.mos[1])
    assert np.isnan(found.half_width[2])


def test_difference_scores_do_not_depend_on_how_strict_a_subject_is():
    scores, _ = ratings()
    harsh = scores - np.linspace(0, 1, len(scores))[:, None]
    found = [ratings_of(given, teams=3).against("T0001").score for given in (scores, harsh)]
    np.testing.assert_allclose(*found)


def test_difference_scores_are_by_hand_those_of_p910():
    """Score - reference + 5; the reference is left out, and who did not rate it on an image."""
    table = pd.DataFrame(
        [
            ["J", "i", "ref", 4],
            ["J", "i", "A", 3],
            ["K", "i", "ref", 5],
            ["K", "i", "A", 5],
            ["K", "j", "A", 2],
        ],
        columns=["judge", "image", "team", "score"],
    )
    found = validate_ratings(table).against("ref")
    assert (found.judges.tolist(), found.images.tolist(), found.teams.tolist()) == (["J", "K"], ["i"], ["A"])
    assert found.score.tolist() == [4, 5]
    with pytest.raises(AnalysisError, match="no score of the reference 'Ref'; the teams are A, ref"):
        validate_ratings(table).against("Ref")


def test_bias_removal_keeps_the_means_and_narrows_the_intervals():
    scores, _ = ratings(bias=0.8)
    before, after = mean_opinion(scores), mean_opinion(ratings_of(scores).without_bias().matrix)
    np.testing.assert_allclose(after.mos, before.mos, atol=1e-12)
    assert after.half_width.mean() < 0.75 * before.half_width.mean()


def test_the_model_recovers_quality_bias_and_inconsistency():
    noise = np.linspace(0.2, 1.2, 40)[:, None]
    scores, bias = ratings(subjects=40, noise=noise)
    model = fit_subject_model(scores)
    plain = mean_opinion(scores).mos
    centre = model.quality.mean() - QUALITY.mean()
    error, plain_error = model.quality - QUALITY - centre, plain - QUALITY - (plain - QUALITY).mean()
    assert np.std(error) < 0.8 * np.std(plain_error)
    np.testing.assert_allclose(model.bias, bias, atol=0.5)
    assert np.corrcoef(model.inconsistency, noise[:, 0])[0, 1] > 0.97
    assert model.bias.mean() == pytest.approx(0, abs=1e-12)
    assert (np.abs(error) < 1.96 * model.quality_se).mean() > 0.85


def test_the_model_takes_missing_scores():
    scores, _ = ratings()
    scores[np.random.default_rng(3).random(scores.shape) < 0.3] = np.nan
    model = fit_subject_model(scores)
    assert np.corrcoef(model.quality, QUALITY)[0, 1] > 0.97


def test_a_subject_who_is_matched_exactly_does_not_take_all_the_weight():
    scores, _ = ratings(subjects=5)
    scores[0] = scores[1:].mean(axis=0)
    model = fit_subject_model(scores)
    assert (model.inconsistency > 0).all()
    assert np.isfinite(model.quality).all()


@pytest.mark.parametrize("scores", [np.ones((1, 5)), np.ones((5, 1)), [[1.0, 2.0], [np.nan, np.nan]]])
def test_the_model_refuses_what_it_cannot_estimate(scores):
    with pytest.raises(AnalysisError):
        fit_subject_model(np.array(scores))


def test_unusual_subjects_are_the_noisy_and_the_biased():
    noise = np.full((20, 1), 0.5)
    noise[3] = 2.0
    scores, _ = ratings(subjects=20, bias=0.1, noise=noise)
    scores[7] += 1.5
    assert np.flatnonzero(unusual_subjects(fit_subject_model(scores))).tolist() == [3, 7]


def test_bt500_rejects_a_subject_who_is_off_in_both_directions_only():
    scores, _ = ratings(subjects=25, bias=0)
    scores[2] = 6 - scores[2]
    scores[5] += 1.5
    result = bt500_screening(scores)
    assert np.flatnonzero(result.rejected).tolist() == [2]
    assert result.above[5] > result.below[5]


def test_bt500_takes_the_sample_standard_deviation():
    """Kurtosis 3.4; the last score lies 2.11 population, but 1.93 sample standard deviations above."""
    scores = np.array([1.0, 1, 1, 1, 2, 4])[:, None]
    off = scores[-1, 0] - scores.mean()
    assert off / scores.std(ddof=0) > 2 > off / scores.std(ddof=1)
    kurtosis = ((scores - scores.mean()) ** 4).mean() / scores.var() ** 2
    assert 2 <= kurtosis <= 4
    assert bt500_screening(scores).above.sum() == 0
    assert bt500_screening(scores, deviation="population").above.tolist() == [0, 0, 0, 0, 0, 1]


def test_the_mean_may_take_in_the_subject_as_p913_does():
    scores = np.random.default_rng(3).integers(1, 6, (5, 12)).astype(float)
    mean = scores.mean(axis=0)
    assert mos_correlation(scores, own=True)[2] == pytest.approx(pearsonr(scores[2], mean).statistic)
    assert (mos_correlation(scores, own=True) > mos_correlation(scores)).all()


def test_bt500_widens_the_interval_where_scores_are_not_normal():
    heavy = np.concatenate([np.full(30, 3.0), [5.0]])[:, None]  # 5 is 5.4 sd off, beyond sqrt(20)
    assert bt500_screening(heavy).above.tolist()[-1] == 1
    two_ended = np.concatenate([np.full(10, 1.0), np.full(10, 5.0)])[:, None]
    assert bt500_screening(two_ended).above.sum() == 0


def test_scores_that_are_all_equal_are_not_outside():
    result = bt500_screening(np.full((6, 4), 3.0))
    assert not result.rejected.any()
    assert result.above.sum() == 0


def test_correlation_is_with_the_mean_of_the_others():
    scores, _ = ratings(subjects=6)
    scores[0, :10] = np.nan
    others = np.nanmean(scores[1:], axis=0)
    assert mos_correlation(scores)[0] == pytest.approx(pearsonr(scores[0, 10:], others[10:]).statistic)
    assert np.isnan(mos_correlation(scores[:1])).all()


def test_sos_alpha_is_zero_for_agreement_and_one_for_the_ends_of_the_scale():
    assert sos_alpha(np.tile([1.0, 3.0, 4.0], (5, 1))) == 0
    ends = np.concatenate([np.ones((2000, 1)), np.full((2000, 1), 5.0)])
    assert sos_alpha(ends) == pytest.approx(1, abs=1e-3)
    assert np.isnan(sos_alpha(np.full((3, 2), 5.0)))
    with pytest.raises(AnalysisError, match="off the scale 1 to 5"):
        sos_alpha(np.array([[7.0, 1.0]]))


def test_scores_must_be_a_finite_matrix():
    with pytest.raises(AnalysisError, match="matrix"):
        mean_opinion(np.arange(3.0))
    with pytest.raises(AnalysisError, match="infinite"):
        mean_opinion(np.array([[np.inf, 1.0]]))
