"""Adaptive pairs: what a batch is, who gets which, and that an answer's information is what it says."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize

from studyapp.core.adaptive import (
    WAITED_FOR,
    Pair,
    Place,
    Tally,
    draw_batch,
    in_places,
    information,
    places,
    stabilising,
)

KEY = bytes(range(32))
WORTH = np.linspace(2, -2, 6)


def judged(tally, judges, *, each, seconds=10.0, answers=True, seed=0):
    """Let judges go through their batches in turn; return every batch."""
    rng, batches, clock = np.random.default_rng(seed), [], 0.0
    for number in range(each):
        for judge in judges:
            batch = draw_batch(KEY, tally, judge, number, even=len(batches) % 2 == 0, at=clock)
            batches.append(batch)
            for place, pair in enumerate(batch):
                name = f"{judge}/{number}/{place}"
                tally.hand_out(name, judge, pair, clock, counts=True)
                if answers:
                    chance = 1 / (1 + np.exp(WORTH[pair.right] - WORTH[pair.left]))
                    tally.answer(name, float(rng.random() < chance))
                clock += seconds
    return batches


def test_a_batch_is_a_tree_that_reaches_every_team_the_judge_may_see():
    tally = Tally(6, 9)
    judged(tally, range(4), each=3)
    for conflicts in ((), (2,), (0, 5)):
        batch = draw_batch(KEY, tally, 7, 1, even=False, at=0.0, conflicts=conflicts)
        teams = {0, 1, 2, 3, 4, 5} - {*conflicts}
        reached = {batch[0].left}
        for _ in batch:
            for pair in batch:
                if {pair.left, pair.right} & reached:
                    reached |= {pair.left, pair.right}
        assert reached == teams
        assert len(batch) == len(teams) - 1


def test_key_and_counts_alone_decide():
    drawn = [judged(Tally(5, 4), range(3), each=2) for _ in range(2)]
    assert drawn[0] == drawn[1]
    tally = Tally(5, 4)
    one, other = (draw_batch(key, tally, 0, 1, even=True, at=0.0) for key in (KEY, bytes(32)))
    assert one != other


def test_vectors():
    """What studies were drawn with; never to be changed (docs/decisions/0009)."""
    tally, drawn = Tally(5, 4), []
    for number in range(6):
        judge, batch = number % 3, number // 3 + 1
        pairs = draw_batch(KEY, tally, judge, batch, even=number % 2 == 0, at=0.0)
        for place, pair in enumerate(pairs):
            tally.hand_out(f"{number}/{place}", judge, pair, 0.0, counts=True)
            tally.answer(f"{number}/{place}", float(pair.left < pair.right))
        drawn.append([(pair.image, pair.left, pair.right) for pair in pairs])
    assert drawn == [
        [(1, 4, 0), (2, 3, 2), (0, 3, 1), (3, 3, 0)],
        [(1, 1, 4), (2, 2, 1), (3, 0, 2), (0, 3, 4)],
        [(0, 4, 1), (1, 1, 3), (2, 2, 4), (3, 0, 1)],
        [(1, 2, 0), (3, 4, 3), (0, 2, 3), (2, 1, 0)],
        [(0, 0, 4), (1, 0, 3), (3, 1, 2), (2, 4, 2)],
        [(1, 0, 1), (0, 2, 1), (3, 3, 2), (2, 3, 4)],
    ]
    found = places(KEY, 3, 6, repeats=1, golden=1, identical=1)
    assert " ".join(f"{place.kind}{place.number}" for place in found) == (
        "main0 main1 identical0 main2 main3 repeat1 main4 golden0 main5"
    )
    first = stabilising(KEY, 3, 4, [0, 2, 3], 3)
    assert [(pair.image, pair.left, pair.right) for pair in first] == [(3, 0, 3), (2, 3, 2), (1, 2, 0)]


def test_pairs_that_are_nearly_decided_are_not_asked_again():
    tally = Tally(6, 40)
    judged(tally, range(12), each=4)
    batch = draw_batch(KEY, tally, 99, 1, even=False, at=1e6)
    assert max(abs(pair.left - pair.right) for pair in batch) <= 3
    asked = (tally.wins + tally.wins.T)[np.triu_indices(6, 1)]
    far = np.subtract(*np.triu_indices(6, 1)) == -5
    assert asked[far].max() < asked[~far].mean()


def test_every_second_batch_evens_out_what_was_asked():
    tally = Tally(6, 40)
    judged(tally, range(12), each=4)
    asked = (tally.wins + tally.wins.T)[np.triu_indices(6, 1)]
    batch = draw_batch(KEY, tally, 99, 1, even=True, at=1e6)
    numbers = {int(tally.number[pair.left, pair.right]) for pair in batch}
    # Five of the fifteen pairs make a tree: no other tree of pairs was asked less often.
    assert np.argmin(asked) in numbers
    assert asked[[*numbers]].sum() <= np.sort(asked)[:7].sum()


def test_information_is_what_an_answer_tells_of_a_normal_difference():
    rng = np.random.default_rng(1)
    wins = rng.integers(0, 5, (4, 4)) / 2 * (1 - np.eye(4))

    def loss(worth):
        there = worth[:, None] - worth
        return (wins * np.log1p(np.exp(-there))).sum() + (worth @ worth) / 2

    peak = minimize(loss, np.zeros(4), tol=1e-12).x
    step = 1e-4
    curve = np.array(
        [
            [
                loss(peak + a + b) - loss(peak + a - b) - loss(peak - a + b) + loss(peak - a - b)
                for b in step * np.eye(4)
            ]
            for a in step * np.eye(4)
        ]
    ) / (4 * step**2)
    spread = np.linalg.inv(curve)
    found = information(wins, np.zeros(6))
    for number, (a, b) in enumerate(zip(*np.triu_indices(4, 1), strict=True)):
        middle = peak[a] - peak[b]
        sd = np.sqrt(spread[a, a] + spread[b, b] - 2 * spread[a, b])

        def mean(function, middle=middle, sd=sd):
            weight = 1 / (sd * np.sqrt(2 * np.pi))
            return quad(
                lambda x: function(1 / (1 + np.exp(-x))) * weight * np.exp(-(((x - middle) / sd) ** 2) / 2),
                middle - 10 * sd,
                middle + 10 * sd,
            )[0]

        def entropy(p):
            return -p * np.log(p) - (1 - p) * np.log(1 - p)

        assert found[number] == pytest.approx(entropy(mean(lambda p: p)) - mean(entropy), abs=1e-5)


def test_judges_at_the_same_time_never_have_one_trial_between_them():
    tally = Tally(6, 9)
    batches = judged(tally, range(12), each=1, answers=False, seconds=0)
    cells = [(pair.image, *sorted((pair.left, pair.right))) for batch in batches for pair in batch]
    assert len(set(cells)) == len(cells) == 12 * 5


def test_on_one_image_judges_at_the_same_time_get_other_trees():
    batches = judged(Tally(3, 1), range(3), each=1, answers=False, seconds=0)
    trees = {frozenset(frozenset((pair.left, pair.right)) for pair in batch) for batch in batches}
    assert len(trees) == 3


def test_who_vanishes_blocks_nobody_and_is_not_waited_for_without_end():
    tally = Tally(4, 2)
    judged(tally, range(5), each=1, answers=False, seconds=0)
    assert tally.waiting(WAITED_FOR)
    assert not tally.waiting(WAITED_FOR + 1)
    batches = judged(tally, [7], each=8)
    shown = [(pair.image, *sorted((pair.left, pair.right))) for batch in batches for pair in batch]
    assert len(shown) == len(set(shown)) == 2 * 6  # all there is, nothing twice


def test_sides_of_a_pair_and_images_are_even():
    tally = Tally(6, 10)
    batches = judged(tally, range(8), each=4)
    shown = [pair for batch in batches for pair in batch]
    sides = Counter((pair.left, pair.right) for pair in shown)
    assert all(abs(sides[a, b] - sides[b, a]) <= 1 for a in range(6) for b in range(a))
    images = Counter(pair.image for pair in shown)
    assert max(images.values()) - min(images[image] for image in range(10)) <= 2


def test_a_revised_answer_takes_the_place_of_the_one_before():
    tally = Tally(3, 1)
    tally.hand_out("x", 0, Pair(0, 1, 2), 0.0, counts=True)
    for outcome, wins in ((1.0, (1, 0)), (0.5, (0.5, 0.5)), (None, (0, 0)), (0.0, (0, 1))):
        tally.answer("x", outcome)
        assert (tally.wins[1, 2], tally.wins[2, 1]) == wins
        assert bool(tally.waiting(0.0)) == (outcome is None)


def test_test_judges_count_for_nothing():
    tally = Tally(3, 2)
    tally.hand_out("x", 9000, Pair(0, 1, 2), 0.0, counts=False)
    tally.answer("x", 1.0)
    assert not tally.wins.any()
    assert not tally.shown.any()
    assert not tally.waiting(0.0)
    assert tally.own(9000) == [Pair(0, 1, 2)]


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 50), st.integers(10, 30), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2),
    st.integers(4, 7),
)  # fmt: skip
def test_no_image_follows_itself(judge, counted, repeats, golden, identical, images):
    found = places(KEY, judge, counted, repeats=repeats, golden=golden, identical=identical)
    assert Counter(place.kind for place in found) == Counter(
        main=counted, repeat=repeats, golden=golden, identical=identical
    )
    pairs = [Pair(number % images, 0, 1) for number in range(counted)]
    hidden = {place: place.number % images for place in found if place.kind in ("golden", "identical")}
    put = in_places(pairs, found, [], hidden, None)
    assert sorted(put, key=lambda pair: pair.image) == sorted(pairs, key=lambda pair: pair.image)
    seen, mains = [], iter(put)
    for place in found:
        if place.kind == "main":
            seen.append(next(mains).image)
        else:
            seen.append(put[place.number].image if place.kind == "repeat" else hidden[place])
            assert place.kind != "repeat" or place.number < len(seen)
    assert all(one != other for one, other in pairwise(seen))


def test_repeats_come_a_third_of_the_sequence_later():
    for judge in range(20):
        found = places(KEY, judge, 30, repeats=3, identical=2)
        for number, place in enumerate(found):
            if place.kind == "repeat":
                assert number - found.index(Place("main", place.number)) >= 35 // 3
