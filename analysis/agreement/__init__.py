"""How far the judges of a study agree: measures, tests against chance, judges, images, the session.

`agreement_summary` computes everything from a votes table; each function here does one thing on arrays.
"""

from analysis.agreement.alpha import krippendorff_alpha
from analysis.agreement.concordance import kendall_w
from analysis.agreement.friedman import friedman, nemenyi_difference
from analysis.agreement.kappa import brennan_prediger, fleiss_kappa, gwet_ac1
from analysis.agreement.summary import MEASURES, agreement_summary

__all__ = [
    "MEASURES",
    "agreement_summary",
    "brennan_prediger",
    "fleiss_kappa",
    "friedman",
    "gwet_ac1",
    "kendall_w",
    "krippendorff_alpha",
    "nemenyi_difference",
]
