"""What ballots of each protocol can say, and the rows that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TopK:
    """Picks of the best few: {"picks": [slots, best first]}."""

    places: int
    is_pair = False

    def misfit(self, answer: Mapping[str, Any], slots: int, *, complete: bool) -> str | None:
        """Say what nobody can have answered on a trial of so many candidates."""
        picks = answer["picks"]
        if (
            set(answer) != {"picks"}
            or len(set(picks)) != len(picks)
            or not set(picks) <= {*range(1, slots + 1)}
        ):
            return f"answers {dict(answer)}, of {slots} slots"
        if len(picks) > self.places or (complete and len(picks) < self.places):
            return f"has {len(picks)} picks for {self.places} places"
        return None

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the rows of votes.csv; picks behind a team that is out move up."""
        kept = [slot for slot in answer["picks"] if slot in shown]
        ranks = {slot: str(place) for place, slot in enumerate(kept, start=1)}
        rows = [
            {"team": team, "slot": str(slot), "rank": ranks.get(slot, "")} for slot, team in shown.items()
        ]
        return rows if kept else []

    def said_of(self, answer: Mapping[str, Any], slot: int) -> str:
        """Return the place of a candidate, for reasons.csv."""
        return str(answer["picks"].index(slot) + 1) if slot in answer["picks"] else ""

    def said_in_letters(self, answer: Mapping[str, Any], letters: Mapping[int, str]) -> str:
        """Return those picked by their letters, best first, for reasons.jsonl."""
        return ", ".join(letters[slot] for slot in answer["picks"] if slot in letters)

    def wants_reasons(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether an answer needs the reasons that a study requires."""
        return True


def protocol_of(rules: Mapping[str, Any]) -> TopK:
    """Return the protocol that the ledger's rules name."""
    named = rules["protocol"]
    if named["kind"] != "top_k":
        raise ValueError(f"the protocol {named['kind']!r} is not known here")
    return TopK(named["places"])
