"""What ballots of each protocol can say, and the rows that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

Table = Literal["votes", "pairs", "ratings"]


class Asking(Protocol):
    """A way to ask judges, as far as its answers and their rows go."""

    is_pair: ClassVar[bool]
    table: ClassVar[Table]
    """The table that answers feed."""
    columns: ClassVar[tuple[str, ...]]
    """Its columns that are the protocol's own, in order."""
    scale: ClassVar[tuple[float, float] | None]
    """The lowest and the highest score of ratings."""

    def misfit(self, answer: Mapping[str, Any], slots: int, *, complete: bool) -> str | None:
        """Say what nobody can have answered on a trial of so many candidates."""
        ...

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the rows that follow, of the teams that are not out."""
        ...

    def said_of(self, answer: Mapping[str, Any], slot: int) -> str:
        """Return what is said of one candidate, for reasons.csv."""
        ...

    def said_in_letters(self, answer: Mapping[str, Any], letters: Mapping[int, str]) -> str:
        """Return the answer for reasons.jsonl, where candidates have letters."""
        ...

    def wants_reasons(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether an answer needs the reasons that a study requires."""
        ...


@dataclass(frozen=True)
class TopK:
    """Picks of the best few: {"picks": [slots, best first]}."""

    places: int
    is_pair: ClassVar[bool] = False
    table: ClassVar[Table] = "votes"
    columns: ClassVar[tuple[str, ...]] = ("team", "slot", "rank")
    scale: ClassVar[tuple[float, float] | None] = None

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


@dataclass(frozen=True)
class Pairwise:
    """The better of two: {"choice": "a", "b", "tie", "bad" or null}; a stood left."""

    ties: bool
    both_bad: bool
    is_pair: ClassVar[bool] = True
    table: ClassVar[Table] = "pairs"
    columns: ClassVar[tuple[str, ...]] = ("team_a", "team_b", "answer")
    scale: ClassVar[tuple[float, float] | None] = None

    def misfit(self, answer: Mapping[str, Any], slots: int, *, complete: bool) -> str | None:
        """Say what nobody can have answered."""
        offered = ["a", "b", *(["tie"] if self.ties else []), *(["bad"] if self.both_bad else [])]
        if set(answer) != {"choice"} or slots != 2 or answer["choice"] not in (None, *offered):
            return f"answers {dict(answer)}, of {', '.join(offered)}"
        if complete and answer["choice"] is None:
            return "is complete, and nothing was chosen"
        return None

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the row of pairs.csv; none where one of the two is out."""
        if answer["choice"] is None or set(shown) != {1, 2}:
            return []
        return [{"team_a": shown[1], "team_b": shown[2], "answer": answer["choice"]}]

    def said_of(self, answer: Mapping[str, Any], slot: int) -> str:
        """Return better, worse, tie or bad."""
        if answer["choice"] not in ("a", "b"):
            return answer["choice"] or ""
        return "better" if (answer["choice"] == "a") == (slot == 1) else "worse"

    def said_in_letters(self, answer: Mapping[str, Any], letters: Mapping[int, str]) -> str:
        """Return the letter of the better one, tie or bad."""
        choice = answer["choice"] or ""
        return letters["ab".index(choice) + 1] if choice in ("a", "b") else choice

    def wants_reasons(self, answer: Mapping[str, Any]) -> bool:
        """Tell whether one of the two is said to be better."""
        return answer["choice"] in ("a", "b")


def protocol_of(rules: Mapping[str, Any]) -> Asking:
    """Return the protocol that the ledger's rules name."""
    named = rules["protocol"]
    if named["kind"] == "top_k":
        return TopK(named["places"])
    if named["kind"] == "pairwise":
        return Pairwise(named["ties"], named["both_bad"])
    raise ValueError(f"the protocol {named['kind']!r} is not known here")
