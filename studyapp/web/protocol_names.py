"""What pages call each way of asking judges."""

from analysis.texts import say

PROTOCOL_NAMES = {
    "top_k": say("Pick the best few of all candidates"),
    "ranking": say("Rank all candidates"),
    "pairwise": say("Compare two candidates"),
    "acr": say("Rate one candidate (ACR, 1 to 5)"),
    "acr_hr": say("Rate one candidate, with a hidden reference (ACR-HR)"),
    "dcr": say("Rate against the reference (DCR)"),
    "slider": say("Score all candidates from 0 to 100"),
}
