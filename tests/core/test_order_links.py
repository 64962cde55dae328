"""Judges who know a team or two, and compare notes, cannot follow the others by the orders of slots.

Chance is one in the slots that are open to a guess: all but those of the known teams and the one that balance
excludes. Shares are means over keys with their 99.9 % interval; the old design shows that the attacks work.
"""

import numpy as np
import pytest

from studyapp.blind_audit.linking import try_to_link
from studyapp.core.design import judge_plan, slot_order
from studyapp.core.hidden_trials import KNOWN_WORSE, Checks, shown_plan
from studyapp.core.keyed import keyed_shuffle

KNOWN = {"same place": 1, "same step": 1, "fixed distance": 2}
QUANTILE = 3.29
SIZES = [(7, 7, 14, 8), (2, 7, 14, 12), (12, 12, 12, 5), (9, 5, 8, 16), (2, 6, 9, 12)]
"""Judges, teams, images, keys."""


def key_of(number: int) -> bytes:
    return number.to_bytes(32, "big")


def orders_of(key: bytes, judges: int, teams: int, images: int) -> np.ndarray:
    return np.array(
        [
            [slot_order(key, judge, image, images, range(teams)) for image in range(images)]  # pyright: ignore
            for judge in range(judges)
        ]
    )


def check_chance(samples: list[np.ndarray], teams: int) -> None:
    """Fail when the interval of some attack's share of right guesses lies above chance."""
    played = [try_to_link(orders) for orders in samples]
    for attack in zip(*played, strict=True):
        shares = np.array([linked.share for linked in attack if linked.guesses])
        low = shares.mean() - QUANTILE * shares.std(ddof=1) / len(shares) ** 0.5
        assert low <= 1 / (teams - 1 - KNOWN[attack[0].attack]), attack[0].attack


@pytest.mark.parametrize(("judges", "teams", "images", "keys"), SIZES)
def test_linking_is_no_better_than_chance(judges, teams, images, keys):
    check_chance([orders_of(key_of(number), judges, teams, images) for number in range(keys)], teams)


def test_hidden_trials_help_nobody():
    """Repeats and golden trials count as further images; the known-worse stands where its team was."""
    teams, images = [f"team{number}" for number in range(7)], [f"{number:03d}" for number in range(1, 15)]
    checks = Checks(repeats=("001", "005", "009"), golden=("002", "006"))

    def orders(key: bytes) -> np.ndarray:
        rows = []
        for judge in range(3):
            shown = shown_plan(key, judge, judge_plan(key, judge, images, teams), teams, checks, ())
            row = []
            for trial in sorted(shown, key=lambda item: (item.image, item.kind)):
                missing = (set(teams) - set(trial.slots)) or {""}
                slots = [missing.copy().pop() if team == KNOWN_WORSE else team for team in trial.slots]
                row.append([teams.index(team) for team in slots])
            rows.append(row)
        return np.array(rows)

    check_chance([orders(key_of(number)) for number in range(8)], len(teams))


@pytest.mark.parametrize(("judges", "teams", "images"), [(7, 7, 14), (12, 12, 12)])
def test_orders_that_are_a_group_are_linked_throughout(judges, teams, images):
    """The design before this one: every order of a block is a power of one cycle of slots."""
    rows, turns, places = (keyed_shuffle(key_of(1), range(teams), part) for part in ("r", "t", "p"))
    orders = np.empty((judges, images, teams), dtype=int)
    for judge, image, team in np.ndindex(orders.shape):
        slot = places[(rows[(judge + image) % teams] + turns[team]) % teams]
        orders[judge, image, slot] = team
    assert [linked.share for linked in try_to_link(orders)] == [1, 1, 1]


def test_what_all_judges_know_together_is_one_square():
    """Each judge has the first one's orders under other names of the slots: pooling adds nothing."""
    orders = orders_of(key_of(5), 9, 6, 6)
    first = orders[0].argsort(axis=1)
    for other in orders[1:].argsort(axis=2):
        names = {(int(a), int(b)) for a, b in zip(first.ravel(), other.ravel(), strict=True)}
        assert len(names) == 6
