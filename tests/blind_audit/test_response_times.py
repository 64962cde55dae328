"""Slower answers about one team are found on a slow machine, too; one that is busy for a while is no leak."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from studyapp.blind_audit.channels.timing import response_times
from studyapp.blind_audit.evidence import Timing
from studyapp.blind_audit.stopwatch import CELLS, REPEATS
from tests.blind_audit.planting import Clock

TEAMS = ("team01", "team02", "team03", "team04")


def timings(clock, *, kind="tile", slow=None, busy=None) -> list[Timing]:
    """Measure one judge: `slow` gives seconds by team, `busy` by team in the first half."""
    found = []
    for half, cell in np.ndindex(2, CELLS):
        for team in TEAMS * REPEATS:
            start = clock()
            clock.take((slow or {}).get(team, 0) + (0 if half else (busy or {}).get(team, 0)))
            found.append(Timing(kind, cell, half, team, clock() - start))
    return found


def look(*measured) -> list[str]:
    evidence: Any = SimpleNamespace(timings=tuple(item for part in measured for item in part))
    return list(response_times(evidence))


@pytest.mark.parametrize("pace", [1, 4])
def test_a_fault_as_large_as_a_request_is_found(pace):
    found = look(timings(Clock(pace=pace), slow={"team03": pace * 0.001}))
    assert [finding.split(":")[0] for finding in found] == ["tile of team team03"]


@pytest.mark.parametrize("pace", [1, 4])
def test_nothing_is_found_where_there_is_nothing(pace):
    assert look(timings(Clock(pace=pace))) == []


def test_what_is_slow_in_one_half_only_was_the_machine():
    assert look(timings(Clock(), busy={"team03": 0.008})) == []


def test_refusals_are_not_lost_among_tiles():
    measured = timings(Clock()), timings(Clock(), kind="refusal", slow={"team01": 0.001})
    assert [finding.split(":")[0] for finding in look(*measured)] == ["refusal of team team01"]
