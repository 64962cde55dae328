"""The design of ratings, recomputed: every candidate by itself."""

from collections.abc import Collection, Mapping
from typing import Any

from analysis.verify.dealt import known_of
from analysis.verify.keyed import shuffled
from analysis.verify.mixed import in_order
from analysis.verify.shown import KNOWN_WORSE, Shown

SINGLES = "spaced singles 1"


def shown_singly(
    key: bytes, listing: Mapping[str, Any], number: int, conflicts: Collection[str]
) -> tuple[list[Shown], list[Shown]]:
    """Draw the ratings of a judge: the practice trials, then the sequence."""
    asked, checks, images = listing["protocol"], listing.get("checks", {}), listing["images"]
    teams = [team["id"] for team in listing["teams"] if team["id"] not in conflicts]
    rated = [*teams, "reference"] if asked["kind"] == "acr_hr" else teams
    main = [Shown("main", image, (team,)) for image in images for team in rated]
    golden = [Shown("golden", image, (KNOWN_WORSE,)) for image in checks.get("golden", ())]
    sequence = in_order(key, number, main, checks.get("repeats", ()), golden, asked["stabilising"])
    image = listing["practice"] or (sequence[-1].image if sequence else images[-1])
    tried = known_of(listing) + shuffled(key, teams, "practice slots", number)[:1]
    practice = [Shown("practice", image, (team,)) for team in shuffled(key, tried, "practice order", number)]
    return practice, sequence
