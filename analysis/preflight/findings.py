"""All that is found in a set of images."""

from analysis.preflight.duplicates import judge_duplicates
from analysis.preflight.evidence import Evidence
from analysis.preflight.finding import Finding
from analysis.preflight.looks import judge_looks
from analysis.preflight.places import judge_places


def findings(evidence: Evidence) -> list[Finding]:
    """Return what sets the candidates of a team apart, one finding for each team and kind."""
    return [*judge_places(evidence), *judge_looks(evidence), *judge_duplicates(evidence)]
