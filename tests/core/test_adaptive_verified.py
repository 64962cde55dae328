"""The verifier's own code draws adaptive pairs as the application does, whatever has happened before."""

import random

import pytest

from analysis.verify import adaptive as verifier
from studyapp.core import adaptive
from studyapp.core.ledger import TEST_FROM

KEY = bytes(range(32))
JUDGES = (0, 1, 2, 3, TEST_FROM)


class Both:
    """A study that both keep account of."""

    def __init__(self, teams: int, images: int) -> None:
        self.tally, self.ground = adaptive.Tally(teams, images), verifier.Ground(teams, images)
        self.trials: list[str] = []

    def draw(self, judge: int, batch: int, at: float, conflicts: list[int], most: int) -> None:
        """Draw with both, compare, and hand out."""
        even = len(self.trials) % 2 == 0
        ours = adaptive.draw_batch(
            KEY, self.tally, judge, batch, even=even, at=at, conflicts=conflicts, most=most
        )
        theirs = verifier.batch_of(KEY, self.ground, judge, batch, at, conflicts, most, even=even)
        assert [(pair.image, pair.left, pair.right) for pair in ours] == theirs
        for pair in ours:
            trial, counts = f"{len(self.trials)}", judge != TEST_FROM
            self.tally.hand_out(trial, judge, pair, at, counts=counts)
            given = verifier.Given(judge, pair.image, pair.left, pair.right, at)
            self.ground.give(trial, given, counts=counts)
            self.trials.append(trial)

    def answer(self, trial: str, outcome: float | None) -> None:
        """Tell both."""
        self.tally.answer(trial, outcome)
        self.ground.answer(trial, outcome)


@pytest.mark.parametrize("seed", range(12))
def test_batches(seed):
    rng = random.Random(seed)
    teams, images, clock = rng.randint(2, 8), rng.randint(1, 9), 0.0
    both, batches = Both(teams, images), dict.fromkeys(JUDGES, 0)
    conflicts = {
        judge: [rng.randrange(teams)] if teams > 3 and rng.random() < 0.4 else [] for judge in JUDGES
    }
    for _ in range(25):
        judge = rng.choice(JUDGES)
        allowed = teams - len(conflicts[judge])
        most = min(images * allowed * (allowed - 1) // 2, 30) - len(both.tally.own(judge))
        if most > 0:
            batches[judge] += 1
            both.draw(judge, batches[judge], clock, conflicts[judge], most)
        for trial in rng.sample(both.trials, len(both.trials) // 2):
            both.answer(trial, rng.choice([1.0, 0.0, 0.5, None]))
        clock += rng.choice([10.0, 100.0, 2000.0])


@pytest.mark.parametrize("seed", range(60))
def test_places_and_orders(seed):
    rng = random.Random(seed)
    counted, images, judge = rng.randint(1, 30), rng.randint(1, 7), rng.randrange(99)
    hidden = {name: rng.randint(0, 3) for name in ("repeats", "golden", "identical")}
    ours = adaptive.places(KEY, judge, counted, **hidden)
    theirs = verifier.places_of(KEY, judge, counted, **hidden)
    assert [(place.kind, place.number) for place in ours] == theirs
    pairs = [adaptive.Pair(rng.randrange(images), 0, number) for number in range(counted)]
    pictures = {place: rng.randrange(images) for place in ours if place.kind in ("golden", "identical")}
    before = rng.choice([None, 0])
    put = adaptive.in_places(pairs, ours, [], pictures, before)
    again = verifier.arranged(
        [(pair.image, pair.left, pair.right) for pair in pairs],
        theirs,
        [],
        {(place.kind, place.number): image for place, image in pictures.items()},
        before,
    )
    assert [(pair.image, pair.left, pair.right) for pair in put] == again
