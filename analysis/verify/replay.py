"""The state of a study according to its ledger alone: judges, rules, current ballots, who counts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from analysis.verify.adaptive import opened
from analysis.verify.adaptive_trials import Drawn
from analysis.verify.design import Trial, judge_trials
from analysis.verify.protocols import Asking, protocol_of
from analysis.verify.record import STUDY, Event, MisfitError, Opening, Record


@dataclass(frozen=True)
class Judge:
    """An invited judge: the number in the design, and the teams that they must not see."""

    label: str
    number: int
    conflicts: frozenset[str]
    test: bool


@dataclass(frozen=True)
class Replay:
    """A record read from beginning to end; needs the opening."""

    record: Record
    opening: Opening

    @cached_property
    def teams(self) -> list[str]:
        """Team ids in the order of study.yaml; events give their numbers, from 1."""
        return [team["id"] for team in self.opening.listing["teams"]]

    @cached_property
    def judges(self) -> dict[str, Judge]:
        """The judges by label, as they were invited."""
        return {
            event.body["judge"]: Judge(
                event.body["judge"],
                event.body["number"],
                frozenset(self.teams[number - 1] for number in event.body["conflicts"]),
                event.body["test"],
            )
            for event in self.record.study_events("invited")
        }

    @cached_property
    def trials(self) -> dict[str, Trial]:
        """Every trial by its public id, in the order of judges and of their list."""
        key, listing = self.opening.key, self.opening.listing
        drawn = [
            trial
            for judge in self.judges.values()
            for trial in judge_trials(
                key, listing, judge.label, judge.number, judge.conflicts, self.drawn.get(judge.label, ())
            )
        ]
        return {trial.public_id: trial for trial in drawn}

    @cached_property
    def drawn(self) -> dict[str, list[Drawn]]:
        """The pairs that each judge of an adaptive study was given, in order, as the ledger's draws say."""
        key, found = self.opening.key, {}
        for event in self.record.study_events("drawn"):
            judge = self.judges[event.body["judge"]]
            pairs = opened(key, len(self.teams), judge.number, event.body["batch"], event.body["pairs"])
            found.setdefault(judge.label, []).extend(pairs)
        return found

    @cached_property
    def rules(self) -> dict[str, Any]:
        """The rules of the study as opened, with every amendment."""
        rules = [event.body["rules"] for event in self.record.study_events("opened", "amended")]
        if not rules:
            raise MisfitError("the ledger has no opening event, so the study's rules are unknown")
        return rules[-1]

    @cached_property
    def protocol(self) -> Asking:
        """How judges were asked."""
        return protocol_of(self.rules)

    @cached_property
    def current(self) -> dict[str, Event]:
        """The last event of each trial that has one."""
        return {
            event.body["trial"]: event
            for chain, events in self.record.chains.items()
            if chain != STUDY
            for event in events
        }

    @cached_property
    def disqualified(self) -> set[str]:
        """Ids of the teams whose candidates no longer count."""
        out: set[str] = set()
        for event in self.record.study_events("disqualified", "reinstated"):
            team = self.teams[event.body["team"] - 1]
            (out.add if event.body["kind"] == "disqualified" else out.discard)(team)
        return out

    @cached_property
    def counting(self) -> list[Judge]:
        """The judges whose ballots count, by number: no test judges, none withdrawn."""
        out: set[str] = set()
        for event in self.record.study_events("withdrawn", "readmitted"):
            (out.add if event.body["kind"] == "withdrawn" else out.discard)(event.body["judge"])
        judges = sorted(self.judges.values(), key=lambda judge: judge.number)
        return [judge for judge in judges if not judge.test and judge.label not in out]
