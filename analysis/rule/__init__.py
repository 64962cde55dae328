"""Rules: from the scores of teams to finals, ranks and awards, along the last axis of arrays."""

from analysis.rule.awards import award_classes, award_names
from analysis.rule.presets import PRESETS
from analysis.rule.teams import minmax, ranks
from analysis.rule.value import AWARDS, FINAL, POINTS, Outcome, Rule, plain_rule, read_rule

__all__ = [
    "AWARDS",
    "FINAL",
    "POINTS",
    "PRESETS",
    "Outcome",
    "Rule",
    "award_classes",
    "award_names",
    "minmax",
    "plain_rule",
    "ranks",
    "read_rule",
]
