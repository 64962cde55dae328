"""Screening of the judges of a study, ready for JSON. It only proposes; a person decides."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.agreement.blocks import Block, blocks
from analysis.agreement.judges import leave_one_out
from analysis.agreement.pairwise import pair_sums, spearman
from analysis.agreement.rows import number
from analysis.agreement.trial_order import image_residuals
from analysis.errors import AnalysisError
from analysis.pairs import Pairs
from analysis.rule import Rule
from analysis.screening.checks import inconsistent, misses_golden
from analysis.screening.consensus import against_chance, outlying, unlikely
from analysis.screening.flags import Flags
from analysis.screening.habits import FLOOR, Answered, fading, hasty, straight_lining
from analysis.screening.pair_rules import pair_rules
from analysis.screening.proposals import Decision, decisions, rankings_without
from analysis.screening.rating_rules import rating_rules
from analysis.screening.slots import SlotTest, favours_slots, slot_bias
from analysis.user_study.read import Answers, user_study
from analysis.votes import NO_SLOTS, BallotArrays, Votes

MAX_RANKINGS = 50
NOTE = "Proposals only: a person decides. The ranking is shown with and without these judges."


def screening_summary(
    answers: Answers,
    *,
    rule: Rule,
    rng: np.random.Generator,
    permutations: int = 9999,
    floor: float = FLOOR,
    golden: Mapping[str, str] | None = None,
    scores: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Apply every screening rule to every judge.

    Parameters
    ----------
    answers
        Votes, pairs or ratings. Trials of the kinds repeat, golden and identical are used by the rules about
        them and nothing else; practice is ignored.
    rng
        Source of random numbers.
    permutations
        Random permutations for the chance levels.
    floor
        Seconds below which nobody can have compared the candidates.
    golden
        For votes, the known-worse candidate's team for each golden image; see `misses_golden`.
    rule, scores
        The study's rule and the other parts of its final, for the rankings with and without.

    Returns
    -------
    dict
        `judges`, a row for each with decision (keep, investigate, propose), reasons and the numbers of every
        rule; `rules` {name: {says, undefined, flagged}}; for votes `position_bias`; `rankings`, with all
        judges and without each judge proposed or to be investigated (the first 50), and without all those
        proposed.

    Raises
    ------
    AnalysisError
        As `analysis.ranking.outcome_of`; if no ballot counts, for negative times, and for golden images that
        are not in the votes.
    """
    user = user_study(answers, rule)
    how: dict[str, Any] = {"permutations": permutations, "rng": rng, "floor": floor}
    if isinstance(answers, Votes):
        rules = _of_votes(answers, golden=golden, **how)
    elif golden is not None:
        raise AnalysisError(
            "golden candidates can be named for votes only; pairs and ratings name them as teams"
        )
    elif isinstance(answers, Pairs):
        rules = pair_rules(answers, floor=floor)
    else:
        rules = rating_rules(answers, **how)
    asked = answers.ballots if isinstance(answers, Votes) else answers
    decided = decisions(rules)
    found: dict[str, Any] = {
        "answers": user.table,
        "n_judges": len(asked.judges),
        f"n_{user.answers_are}": asked.size,
        "simulated": answers.simulated,
        "note": NOTE,
        "permutations": permutations,
        "floor": floor,
        "judges": _judges(asked, user.answers_are, rules, decided),
        "rules": {rule.name: _rule(rule, asked) for rule in rules},
        "rankings": rankings_without(user, _groups(asked, decided), scores=scores, rule=rule),
    }
    if isinstance(asked, BallotArrays):
        found["position_bias"] = {name: _slots(test, asked) for name, test in slot_bias(asked).items()}
    return found


def _of_votes(
    votes: Votes,
    *,
    permutations: int,
    floor: float,
    golden: Mapping[str, str] | None,
    rng: np.random.Generator,
) -> list[Flags]:
    ballots, rows = votes.ballots, votes.ballot_rows
    parts = list(blocks(ballots))
    judges = leave_one_out(parts, len(ballots.judges), permutations=permutations, rng=rng)
    return [
        against_chance(judges),
        outlying(judges),
        unlikely(ballots),
        inconsistent(votes, permutations=permutations, rng=rng),
        misses_golden(votes, golden),
        favours_slots(ballots),
        hasty(ballots, rows, floor=floor),
        straight_lining(ballots),
        fading(image_residuals(_agreement(parts, ballots.size), ballots.image), ballots, rows),
    ]


def _agreement(parts: list[Block], size: int) -> np.ndarray:
    agreement = np.full(size, np.nan)
    for part in parts:
        agreement[part.ballot] = pair_sums(part, spearman).per_ballot
    return agreement


def _groups(asked: Answered, decided: list[tuple[Decision, list[str]]]) -> list[list[str]]:
    """Whom to leave out: each judge with a flag, then all the proposed together."""
    by_decision: dict[Decision, list[str]] = {"propose": [], "investigate": [], "keep": []}
    for judge, (decision, _) in zip(asked.judges, decided, strict=True):
        by_decision[decision].append(str(judge))
    proposed = by_decision["propose"]
    alone = [*proposed, *by_decision["investigate"]][:MAX_RANKINGS]
    return [*([judge] for judge in alone), *([proposed] if len(proposed) > 1 else [])]


def _judges(
    asked: Answered, count_of: str, rules: list[Flags], decided: list[tuple[Decision, list[str]]]
) -> list[dict[str, Any]]:
    count = np.bincount(asked.judge, minlength=len(decided))
    columns = {name: values for rule in rules for name, values in rule.columns.items()}
    return [
        {
            "judge": str(judge),
            count_of: int(count[code]),
            "decision": decision,
            "reasons": reasons,
            **{name: number(values[code]) for name, values in columns.items()},
        }
        for code, (judge, (decision, reasons)) in enumerate(zip(asked.judges, decided, strict=True))
    ]


def _rule(rule: Flags, asked: Answered) -> dict[str, Any]:
    flagged = [str(judge) for judge in asked.judges[rule.flagged]]
    return {"says": rule.says, "undefined": rule.undefined, "flagged": flagged}


def _slots(test: SlotTest | None, ballots: BallotArrays) -> dict[str, Any]:
    if test is None:
        reason = "every ballot lists all the candidates shown" if ballots.has_slots else NO_SLOTS
        return {"undefined": reason}
    return {
        "undefined": None,
        "observed": test.observed.tolist(),
        "expected": test.expected.tolist(),
        "chi2": test.chi2,
        "df": test.df,
        "p": test.p,
    }
