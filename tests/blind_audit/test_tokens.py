"""What the order of the tokens in a trial says of the teams."""

from types import SimpleNamespace

import pytest

from studyapp.blind_audit.channels.tokens import token_order
from studyapp.blind_audit.evidence import Evidence, Trial


def pairs(*, up: int, down: int) -> Evidence:
    """Trials of two teams, each of which came twice; in so many the tokens sort them up, in others down."""
    slots, trials = {}, []
    for number in range(up + down):
        for team in (0, 1):
            early = (team == 0) == (number < up)
            slots[f"{'a' if early else 'b'}{number:02d}"] = SimpleNamespace(team=f"team{team}")
        data = {
            "trial": f"t{number}",
            "slots": [{"tiles": f"/t/{letter}{number:02d}"} for letter in "ab"],
        }
        trials += [Trial(0, data)] * 2
    truth = SimpleNamespace(teams=("team0", "team1"), slots=slots)
    return Evidence(truth, (), tuple(trials), (), (), "", {})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("up", "down", "found"), [(17, 3, False), (10, 10, False), (40, 0, True), (0, 40, True)]
)
def test_tokens_that_sort_the_teams_are_told_from_a_small_study_with_bad_luck(up, down, found):
    assert bool(list(token_order(pairs(up=up, down=down)))) is found
