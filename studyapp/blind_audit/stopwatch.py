"""Measuring whether the answers about some team take longer than those about the others."""

import numpy as np

from studyapp.blind_audit.browser import Browser
from studyapp.blind_audit.evidence import Timing, Trial, Truth
from studyapp.blind_audit.walk import sample_places, tile_path

RANKING = "/console/ranking"
CELLS = 2
"""Trials that are measured for each judge."""
TIMED_JUDGES = 4
"""Judges for whom it is measured; the server does the same for all of them."""
REPEATS = 12
"""How often each tile is fetched in each half."""


def measure(browser: Browser, trials: list[Trial], truth: Truth, *, rng: np.random.Generator) -> list[Timing]:
    """Fetch one tile of every candidate of some trials again and again, in random order.

    The two halves are measured one after the other, so that a passing load of the machine shows in one only.
    """
    if browser.judge is None:
        return []
    timings = []
    for number, trial in enumerate(trials[:CELLS]):
        owners = {token: truth.slots[token].team for token in trial.tokens if token in truth.slots}
        place = sample_places(trial, 1, rng)[-1]
        for token in owners:
            browser.get(browser.at(tile_path(token, place)))  # the first one opens the pack
        for half in (0, 1):
            for token in rng.permutation(list(owners) * REPEATS):
                taken = browser.get(browser.at(tile_path(str(token), place))).seconds
                team = owners[str(token)] or ""
                timings.append(Timing("tile", browser.judge * CELLS + number, half, team, taken))
    return timings


def measure_refusals(browser: Browser, truth: Truth, *, rng: np.random.Generator) -> list[Timing]:
    """Ask for a page of the console about every team, again and again, in random order."""
    if browser.judge is None:
        return []
    timings = []
    for half in (0, 1):
        for team in rng.permutation(list(truth.teams) * REPEATS):
            address = browser.at(f"{RANKING}/{team}")
            taken = browser.send("GET", address, sealed=browser.at(RANKING)).seconds
            timings.append(Timing("refusal", browser.judge, half, str(team), taken))
    return timings
