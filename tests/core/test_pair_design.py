"""The design of paired comparisons: vectors, balance for any study, and the order of a judge's trials."""

from collections import Counter
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.core.hidden_trials import ShownTrial
from studyapp.core.pair_design import count_shares, pair_share, team_pairs
from studyapp.core.spaced_trials import spaced_plan

KEY = bytes(range(32))
IMAGES, TEAMS = ("001", "002", "003"), ("a", "b", "c", "d")


def test_vectors():
    """Published studies are recomputed with these: they never change."""
    assert pair_share(KEY, 0, IMAGES, TEAMS, 4) == VECTORS[0]
    assert pair_share(KEY, 4, IMAGES, TEAMS, 4) == tuple(
        (image, right, left) for image, left, right in VECTORS[0]
    )
    assert pair_share(KEY, 11, IMAGES, TEAMS, 4) == VECTORS[11]
    main = [ShownTrial("main", image, (left, right)) for image, left, right in VECTORS[0]]
    plan = spaced_plan(KEY, 0, main, repeats=["002"], hidden=[ShownTrial("identical", "001", ("a", "a"))])
    assert [(trial.kind, trial.image, "".join(trial.slots)) for trial in plan] == SEQUENCE


VECTORS = {
    0: (("001", "d", "a"), ("003", "c", "b"), ("002", "c", "d"), ("001", "a", "b")),
    11: (("003", "a", "d"), ("002", "d", "c"), ("001", "a", "b"), ("003", "c", "a"), ("002", "b", "d")),
}
SEQUENCE = [
    ("identical", "001", "aa"),
    ("main", "003", "cb"),
    ("main", "001", "ab"),
    ("main", "002", "cd"),
    ("main", "001", "da"),
    ("repeat", "002", "dc"),
]

studies = st.tuples(st.integers(1, 7), st.integers(2, 8), st.integers(1, 40))


@given(studies, st.integers(1, 30), st.binary(min_size=32, max_size=32))
def test_shares_are_balanced_over_the_judges_and_by_themselves(study, judges, key):
    images, teams = [f"{n:03d}" for n in range(study[0])], [f"t{n}" for n in range(study[1])]
    shares = count_shares(len(images), len(teams), study[2])
    pairs = [frozenset(pair) for pair in combinations(teams, 2)]
    dealt: Counter = Counter()
    left: Counter = Counter()
    for judge in range(judges):
        share = pair_share(key, judge, images, teams, shares)
        assert len(share) <= study[2]
        assert len({(image, frozenset(pair)) for image, *pair in share}) == len(share)
        assert _spread(Counter(image for image, _, _ in share), images) <= 1
        assert _spread(Counter(frozenset(pair) for _, *pair in share), pairs) <= 2
        # Both orders of a pair come in turns: to within one over the images of a judge.
        order = Counter(tuple(pair) for _, *pair in share)
        assert all(abs(order[a, b] - order[b, a]) <= 1 for a, b in order)
        for image, first, second in share:
            dealt[image, frozenset((first, second))] += 1
            left[image, first, second] += 1
    assert _spread(dealt, [(image, pair) for image in images for pair in pairs]) <= 1
    assert all(abs(left[image, a, b] - left[image, b, a]) <= 1 for image, a, b in left)


def _spread(counts: Counter, over: list) -> int:
    found = [counts[one] for one in over]
    return max(found) - min(found)


@given(st.integers(2, 30))
def test_in_a_round_each_team_meets_one_other_and_stands_first_as_often_as_second(count):
    teams = list(range(count))
    pairs = team_pairs(teams)
    size = count // 2
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) == count * (count - 1) // 2
    for begin in range(0, len(pairs), size):
        meeting = [team for pair in pairs[begin : begin + size] for team in pair]
        assert len(set(meeting)) == 2 * size
    assert _spread(Counter(first for first, _ in pairs), teams) <= 1


@given(
    counts=st.lists(st.integers(1, 6), min_size=1, max_size=6),
    extra=st.integers(0, 4),
    judge=st.integers(0, 50),
    data=st.data(),
)
def test_the_same_image_never_comes_twice_in_a_row_where_that_can_be(counts, extra, judge, data):
    images = [f"{n:03d}" for n in range(len(counts))]
    counted = [
        ShownTrial("main", image, (f"t{n}", "u"))
        for image, count in zip(images, counts, strict=True)
        for n in range(count)
    ]
    hidden = [ShownTrial("identical", data.draw(st.sampled_from(images)), ("u", "u")) for _ in range(extra)]
    plan = spaced_plan(KEY, judge, counted, hidden=hidden)
    assert sorted(plan, key=str) == sorted([*counted, *hidden], key=str)
    most = max(Counter(trial.image for trial in plan).values())
    following = sum(a.image == b.image for a, b in pairwise(plan))
    assert following == max(0, 2 * most - len(plan) - 1)


@given(st.integers(3, 8), st.integers(3, 6), st.integers(0, 50), st.integers(0, 3), st.data())
def test_a_repeat_comes_late_after_what_it_repeats(images, each, judge, stabilising, data):
    names = [f"{n:03d}" for n in range(images)]
    counted = [ShownTrial("main", image, (f"t{n}", f"u{n}")) for image in names for n in range(each)]
    repeats = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=images))
    plan = spaced_plan(KEY, judge, counted, repeats=repeats, stabilising=stabilising)
    assert [trial.kind for trial in plan[:stabilising]] == ["stabilising"] * stabilising
    rest = plan[stabilising:]
    assert not any(a.image == b.image for a, b in pairwise(plan))
    assert sorted(trial.image for trial in rest if trial.kind == "repeat") == sorted(repeats)
    for place, trial in enumerate(rest):
        if trial.kind == "repeat":
            first = next(
                n
                for n, other in enumerate(rest)
                if {*other.slots} == {*trial.slots} and other.image == trial.image
            )
            assert rest[first].kind == "main"
            assert place - first >= min(len(rest) // 3, len(rest) - first - len(repeats))


@pytest.mark.parametrize("stabilising", [0, 50])
def test_a_judge_with_one_trial_is_shown_it(stabilising):
    trial = ShownTrial("main", "001", ("a", "b"))
    plan = spaced_plan(KEY, 0, [trial], repeats=["001", "002"], stabilising=stabilising)
    assert [item.kind for item in plan][-2:] == ["main", "repeat"]
    assert spaced_plan(KEY, 0, [], repeats=["001"], stabilising=stabilising) == []
