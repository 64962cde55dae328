"""The design is balanced for any number of judges, images and teams, and only the key decides it."""

import secrets
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyapp.core.design import image_order, judge_plan, practice_order, slot_order

KEY = bytes(range(32))


def names(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:03d}" for number in range(count)]


def spread(counts: Counter, cells: int) -> int:
    """Return largest minus smallest count over all `cells` possible cells."""
    return max(counts.values(), default=0) - (min(counts.values()) if len(counts) == cells else 0)


@settings(deadline=None, max_examples=60)
@given(
    key=st.binary(min_size=32, max_size=32),
    judges=st.integers(1, 19),
    images=st.integers(1, 23),
    teams=st.integers(2, 13),
)
def test_each_team_stands_in_each_slot_equally_often(key, judges, images, teams):
    """To within one, per image over judges and per judge over images.

    Over the whole study too where blocks of judges or of images are full; otherwise the last block of both
    adds what its own `left` judges and `rest` images allow.
    """
    ids = names("team", teams)
    whole, by_image, by_judge = Counter(), Counter(), Counter()
    for judge in range(judges):
        for image in range(images):
            slots = slot_order(key, judge, image, images, ids)
            assert sorted(slots) == ids
            for slot, team in enumerate(slots):
                whole[team, slot] += 1
                by_image[image, team, slot] += 1
                by_judge[judge, team, slot] += 1
    cells = teams * teams
    left, rest = judges % teams, images % teams
    assert spread(whole, cells) <= min(left, rest, teams - left, teams - rest)
    assert spread(by_image, cells * images) <= 1
    assert spread(by_judge, cells * judges) <= 1


@given(judges=st.integers(1, 20), images=st.integers(1, 30))
def test_each_image_comes_early_and_late_equally_often(judges, images):
    keys = names("", images)
    early, late = Counter(), Counter()
    for judge in range(judges):
        order = image_order(KEY, judge, keys)
        assert sorted(order) == keys
        early.update(order[: images // 2])
        late.update(order[images - images // 2 :])
    assert all(abs(early[key] - late[key]) <= 1 for key in keys)


def test_judges_see_different_orders():
    images, teams = names("", 50), names("team", 12)
    plans = [tuple(judge_plan(KEY, judge, images, teams)) for judge in range(20)]
    assert len(set(plans)) == 20
    for image in images:
        orders = [next(trial.slots for trial in plan if trial.image == image) for plan in plans[:12]]
        assert len(set(orders)) == 12


def test_a_study_is_planned_in_well_under_a_second():
    """Of processor time: 50 images, 12 teams, 40 judges take 0.3 s."""
    key = secrets.token_bytes(32)
    images, teams = names("", 50), names("team", 12)
    start = time.process_time()
    for judge in range(40):
        judge_plan(key, judge, images, teams)
    assert time.process_time() - start < 2


def test_a_slot_says_of_another_image_only_what_balance_does():
    """Over keys: one slot twice in 1/7, each other pair in 1/14 (chi-square on 15 df, 99.9 % quantile 37.7).

    Of the 7 other images 3 are in the same block, where a team never stands in a slot twice.
    """
    teams, keys = names("team", 4), 700
    pairs = Counter()
    for number in range(keys):
        key = number.to_bytes(32, "big")
        first, fifth = (slot_order(key, 0, image, 8, teams).index("team000") for image in (0, 4))
        pairs[first, fifth] += 1
    expected = {(a, b): keys / (28 if a == b else 14) for a in range(4) for b in range(4)}
    assert sum((pairs[cell] - count) ** 2 / count for cell, count in expected.items()) < 37.7


def test_a_judge_invited_later_changes_nothing_for_the_others():
    images, teams = names("", 9), names("team", 5)
    assert judge_plan(KEY, 3, images, teams) == judge_plan(KEY, 3, images, teams)
    assert judge_plan(bytes(32), 3, images, teams) != judge_plan(KEY, 3, images, teams)


def test_practice_has_an_order_of_its_own():
    teams = names("team", 8)
    assert sorted(practice_order(KEY, 0, teams)) == teams
    assert practice_order(KEY, 0, teams) != practice_order(KEY, 1, teams)


@pytest.mark.parametrize(
    ("judge", "image", "order"), [(0, 0, "201453"), (7, 48, "340251"), (8, 49, "250431")]
)
def test_vectors_stay_what_they_were(judge, image, order):
    assert slot_order(KEY, judge, image, 50, "012345") == tuple(order)
