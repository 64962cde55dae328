"""What a study takes as reasons, by the rules in its ledger."""

from collections.abc import Mapping
from typing import Any

KEYS = {"slot", "region", "rect", "attribute", "direction", "severity", "text"}


def reasons_misfit(
    body: Mapping[str, Any], asked: Mapping[str, Any], slots: int, *, wanted: bool
) -> str | None:
    """Say what about a ballot's reasons this study would not have taken; words can only be added later.

    Parameters
    ----------
    body
        Of the ballot's event.
    asked
        What the study asks of reasons.
    slots
        How many candidates the trial has.
    wanted
        Whether the reasons that are required are required with this answer.
    """
    reasons = body.get("reasons", [])
    for reason in reasons:
        if why := _misfit(reason, asked, slots):
            return why
    about = {
        (reason["slot"], reason["region"], str(reason["rect"]), reason["attribute"]) for reason in reasons
    }
    if len(reasons) > asked["most"] or len(about) < len(reasons):
        return f"has {len(reasons)} reasons, {len(about)} of them different, of {asked['most']} at most"
    if wanted and body["complete"] and len(reasons) < asked["required"]:
        return f"counts with {len(reasons)} reasons, where {asked['required']} are required"
    return None


def _misfit(reason: Mapping[str, Any], asked: Mapping[str, Any], slots: int) -> str | None:
    if set(reason) != KEYS or reason["slot"] not in range(1, slots + 1):
        return f"has the reason {dict(reason)}, of {slots} slots"
    if reason["region"] not in (*asked["regions"], None) or reason["attribute"] not in asked["attributes"]:
        return f"has a reason in words that the study lacks: {reason['region']} {reason['attribute']}"
    if reason["direction"] not in ("better", "worse") or reason["severity"] not in (None, 1, 2, 3, 4):
        return f"has a reason that is {reason['direction']!r}, of severity {reason['severity']}"
    if reason["region"] is None and reason["rect"] is None:
        return "has a reason about no part of the image"
    return None
