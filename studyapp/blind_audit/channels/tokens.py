"""Opaque names: shared by nobody, alike in form, and random in their letters."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from scipy.stats import binom, norm

from studyapp.blind_audit.evidence import Evidence
from studyapp.core.ledger import judge_label

_CHANCE = 1e-6
_FEW = 12
_LETTERS = 16
"""Fewer than the 64 letters of a token, so that hexadecimal names are not taken for a leak."""


def shared_tokens(evidence: Evidence) -> Iterator[str]:
    """No token or trial id is used for two judges, trials or slots: two judges cannot match theirs."""
    owners: dict[str, set[tuple[int, str, int]]] = defaultdict(set)
    for trial in evidence.trials:
        owners[trial.id].add((trial.judge, trial.id, -1))
        for slot, token in enumerate([trial.input_token, *trial.tokens]):
            owners[token].add((trial.judge, trial.id, slot))
    for token, places in owners.items():
        if len(places) > 1:
            yield f"{token} stands for {sorted(places)[:3]} (judge, trial, slot)"


def unknown_tokens(evidence: Evidence) -> Iterator[str]:
    """Every token is the one that was drawn for this judge, trial and slot."""
    for trial in evidence.trials:
        for number, token in enumerate(trial.tokens, start=1):
            slot = evidence.truth.slots.get(token)
            if slot is None or (slot.judge, slot.trial, slot.slot) != (trial.judge, trial.id, number):
                yield f"{token} in slot {number} of trial {trial.id} of {judge_label(trial.judge)}"


def token_form(evidence: Evidence) -> Iterator[str]:
    """All tokens have one length, and no letter of a token goes with a team."""
    tokens = {token: slot.team for token, slot in _candidates(evidence).items()}
    lengths = Counter(len(token) for token in tokens)
    if len(lengths) > 1:
        yield f"lengths {dict(lengths)}"
    by_team = defaultdict(list)
    for token, team in tokens.items():
        by_team[team].append(token)
    tests = len(by_team) * max(lengths, default=1)
    for team, own in by_team.items():
        for place in range(min(lengths, default=0)):
            letter, count = Counter(token[place] for token in own).most_common(1)[0]
            chance = binom.sf(count - 1, len(own), 1 / _LETTERS) * _LETTERS * tests
            if count > 1 and chance < _CHANCE:
                yield f"letter {place + 1} is {letter!r} in {count} of {len(own)} tokens of team {team}"


def token_order(evidence: Evidence) -> Iterator[str]:
    """Sorting the tokens of a trial does not sort the teams."""
    position = {team: number for number, team in enumerate(evidence.truth.teams)}
    shift, variance, tokens = 0.0, 0.0, 0
    for trial in evidence.distinct:
        named = [
            evidence.truth.slots[token].team
            for token in sorted(trial.tokens)
            if token in evidence.truth.slots
        ]
        teams = np.array([position[team] for team in named if team is not None], dtype=float)
        if len(teams) < 2:
            continue  # one by itself has no order
        ranks = np.arange(len(teams)) - (len(teams) - 1) / 2
        shift += float(ranks @ teams)
        # By chance every order of a trial is as likely as any other.
        variance += float((ranks**2).sum() * teams.var(ddof=1))
        tokens += len(teams)
    if tokens > _FEW and variance > 0:
        chance = 2 * norm.sf(abs(shift) / math.sqrt(variance))
        if chance < _CHANCE:
            yield f"{tokens} tokens sort the teams {'up' if shift > 0 else 'down'} (p = {chance:.1g})"


def _candidates(evidence: Evidence):
    seen = {token for trial in evidence.trials for token in trial.tokens}
    slots = evidence.truth.slots
    return {token: slots[token] for token in seen if token in slots and slots[token].team is not None}
