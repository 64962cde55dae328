"""What ballots of each protocol can say, and the rows that follow from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from analysis.amounts import how_many

Table = Literal["votes", "pairs", "ratings"]


class Asking(Protocol):
    """A way to ask judges: its possible answers and their rows."""

    is_pair: ClassVar[bool]
    """Whether a trial shows two candidates."""
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
        """Return the resulting rows, of the teams that are not excluded."""
        ...

    def said_of(self, answer: Mapping[str, Any], slot: int) -> str:
        """Return what is said about one candidate, for reasons.csv."""
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
            return f"answers {dict(answer)} for {how_many(slots, 'slots')}"
        if len(picks) > self.places or (complete and len(picks) < self.places):
            return f"has {len(picks)} picks for {how_many(self.places, 'places')}"
        return None

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the rows of votes.csv; picks after an excluded team move up."""
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
    """The better of two: {"choice": "a", "b", "tie", "bad" or null}; a was on the left."""

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
            return f"answers {dict(answer)}, but the choices are {', '.join(offered)}"
        if complete and answer["choice"] is None:
            return "is complete, but nothing was chosen"
        return None

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the row of pairs.csv; none if one of the two is excluded."""
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


@dataclass(frozen=True)
class Ranking:
    """All in order: {"groups": [[slots equally good], best first]}."""

    ties: bool
    table: ClassVar[Table] = "votes"
    scale: ClassVar[tuple[float, float] | None] = None
    columns: ClassVar[tuple[str, ...]] = ("team", "slot", "rank")
    is_pair: ClassVar[bool] = False

    def misfit(self, answer: Mapping[str, Any], slots: int, *, complete: bool) -> str | None:
        """Say what nobody can have answered on a trial of so many candidates."""
        groups = answer["groups"]
        ranked = [slot for group in groups for slot in group]
        if (
            set(answer) != {"groups"}
            or len(set(ranked)) != len(ranked)
            or not set(ranked) <= {*range(1, slots + 1)}
            or not all(groups)
        ):
            return f"answers {dict(answer)} for {how_many(slots, 'slots')}"
        if not self.ties and len(groups) < len(ranked):
            return "has ties, which the study does not allow"
        if complete and len(ranked) < slots:
            return f"ranks {len(ranked)} of {how_many(slots, 'slots')}"
        return None

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the rows of votes.csv; those after an excluded team move up."""
        kept = [[slot for slot in group if slot in shown] for group in answer["groups"]]
        rows = [{"team": team, "slot": str(slot), "rank": _rank(kept, slot)} for slot, team in shown.items()]
        return rows if any(kept) else []

    def said_of(self, answer: Mapping[str, Any], slot: int) -> str:
        """Return the rank of a candidate, for reasons.csv."""
        return _rank(answer["groups"], slot)

    def said_in_letters(self, answer: Mapping[str, Any], letters: Mapping[int, str]) -> str:
        """Return each with its rank, for reasons.jsonl."""
        return _each(self, answer, letters)

    def wants_reasons(self, answer: Mapping[str, Any]) -> bool:
        """Every answer does."""
        return True


@dataclass(frozen=True)
class Rating:
    """One candidate: {"score": 1 to 5 or null}."""

    table: ClassVar[Table] = "ratings"
    scale: ClassVar[tuple[float, float] | None] = (1, 5)
    columns: ClassVar[tuple[str, ...]] = ("team", "slot", "score")
    is_pair: ClassVar[bool] = False

    def misfit(self, answer: Mapping[str, Any], slots: int, *, complete: bool) -> str | None:
        """Say what nobody can have answered."""
        score = answer["score"]
        if set(answer) != {"score"} or slots != 1 or isinstance(score, bool | float):
            return f"answers {dict(answer)} for {how_many(slots, 'slots')}"
        if score not in (None, 1, 2, 3, 4, 5):
            return f"has the score {score}, which is off the scale 1 to 5"
        return "is complete without a score" if complete and score is None else None

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the row of ratings.csv."""
        return [{"team": team, "slot": "1", "score": str(answer["score"])} for team in shown.values()]

    def said_of(self, answer: Mapping[str, Any], slot: int) -> str:
        """Return the score, for reasons.csv."""
        return "" if answer["score"] is None else str(answer["score"])

    def said_in_letters(self, answer: Mapping[str, Any], letters: Mapping[int, str]) -> str:
        """Return the score, for reasons.jsonl."""
        return _each(self, answer, letters)

    def wants_reasons(self, answer: Mapping[str, Any]) -> bool:
        """Every answer does."""
        return True


@dataclass(frozen=True)
class Slider:
    """All candidates: {"scores": [0 to 100 or null, one for each slot]}, or no scores at all."""

    table: ClassVar[Table] = "ratings"
    scale: ClassVar[tuple[float, float] | None] = (0, 100)
    columns: ClassVar[tuple[str, ...]] = ("team", "slot", "score")
    is_pair: ClassVar[bool] = False

    def misfit(self, answer: Mapping[str, Any], slots: int, *, complete: bool) -> str | None:
        """Say what nobody can have answered on a trial of so many candidates."""
        scores = answer["scores"]
        if set(answer) != {"scores"} or len(scores) not in (0, slots):
            return f"answers {dict(answer)} for {how_many(slots, 'slots')}"
        given = [score for score in scores if score is not None]
        if off := [score for score in given if isinstance(score, bool) or not 0 <= score <= 100]:
            return f"has the score {off[0]}, which is off the scale 0 to 100"
        return (
            f"has {how_many(len(given), 'scores')} for {how_many(slots, 'slots')}"
            if complete and len(given) < slots
            else None
        )

    def rows(self, answer: Mapping[str, Any], shown: Mapping[int, str]) -> list[dict[str, str]]:
        """Return the rows of ratings.csv."""
        return [
            {"team": team, "slot": str(slot), "score": str(answer["scores"][slot - 1])}
            for slot, team in shown.items()
        ]

    def said_of(self, answer: Mapping[str, Any], slot: int) -> str:
        """Return the value of a candidate, for reasons.csv."""
        value = answer["scores"][slot - 1] if answer["scores"] else None
        return "" if value is None else str(value)

    def said_in_letters(self, answer: Mapping[str, Any], letters: Mapping[int, str]) -> str:
        """Return each with its value, for reasons.jsonl."""
        return _each(self, answer, letters)

    def wants_reasons(self, answer: Mapping[str, Any]) -> bool:
        """Every answer does."""
        return True


def _rank(groups: Sequence[Sequence[int]], slot: int) -> str:
    """Return 1 and how many are in better groups: 1, 2, 2, 4; nothing for a slot in none."""
    own = next((place for place, group in enumerate(groups) if slot in group), None)
    return "" if own is None else str(1 + sum(map(len, groups[:own])))


def _each(asking: Asking, answer: Mapping[str, Any], letters: Mapping[int, str]) -> str:
    said = {letter: asking.said_of(answer, slot) for slot, letter in letters.items()}
    if len(said) == 1:
        return next(iter(said.values()))
    return ", ".join(f"{letter} {value}" for letter, value in said.items() if value)


def protocol_of(rules: Mapping[str, Any]) -> Asking:
    """Return the protocol that the ledger's rules name."""
    named = rules["protocol"]
    match named["kind"]:
        case "top_k":
            return TopK(named["places"])
        case "ranking":
            return Ranking(named["ties"])
        case "pairwise":
            return Pairwise(named["ties"], named["both_bad"])
        case "acr" | "acr_hr" | "dcr":
            return Rating()
        case "slider":
            return Slider()
    raise ValueError(f"unknown protocol {named['kind']!r}")
