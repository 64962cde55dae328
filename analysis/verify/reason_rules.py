"""What reasons a study accepts, by the rules in its ledger."""

from collections.abc import Mapping
from typing import Any

from analysis.amounts import how_many

KEYS = {"slot", "region", "rect", "attribute", "direction", "severity", "text"}


def reasons_misfit(
    body: Mapping[str, Any], asked: Mapping[str, Any], slots: int, *, wanted: bool
) -> str | None:
    """Say why this study would not have accepted a ballot's reasons; words can only be added later.

    Parameters
    ----------
    body
        Of the ballot's event.
    asked
        The study's requirements for reasons.
    slots
        The number of candidates in the trial.
    wanted
        Whether required reasons are required with this answer.
    """
    reasons = body.get("reasons", [])
    for reason in reasons:
        if why := _misfit(reason, asked, slots):
            return why
    about = {
        (reason["slot"], reason["region"], str(reason["rect"]), reason["attribute"]) for reason in reasons
    }
    if len(reasons) > asked["most"] or len(about) < len(reasons):
        return (
            f"has {how_many(len(reasons), 'reasons')}, {len(about)} of them different; the most is "
            f"{asked['most']}"
        )
    if wanted and body["complete"] and len(reasons) < asked["required"]:
        return f"counts with {how_many(len(reasons), 'reasons')}, but {asked['required']} are required"
    return None


def _misfit(reason: Mapping[str, Any], asked: Mapping[str, Any], slots: int) -> str | None:
    if set(reason) != KEYS or reason["slot"] not in range(1, slots + 1):
        return f"has the reason {dict(reason)}, for {how_many(slots, 'slots')}"
    if reason["region"] not in (*asked["regions"], None) or reason["attribute"] not in asked["attributes"]:
        return f"has a reason in words that the study lacks: {reason['region']} {reason['attribute']}"
    if reason["direction"] not in ("better", "worse") or reason["severity"] not in (None, 1, 2, 3, 4):
        return f"has a reason with direction {reason['direction']!r} and severity {reason['severity']}"
    if reason["region"] is None and reason["rect"] is None:
        return "has a reason about an area outside the image"
    return None
