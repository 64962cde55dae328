"""Draws made while judges voted: each batch follows from the key and from all earlier pairs and answers."""

from datetime import datetime

from analysis.amounts import how_many
from analysis.verify.adaptive import Given, Ground, arranged, batch_of, opened
from analysis.verify.adaptive_trials import ADAPTIVE, Drawn, judge_places
from analysis.verify.design import Trial
from analysis.verify.record import Event, MisfitError
from analysis.verify.replay import Judge, Replay

OUTCOMES = {"a": 1.0, "b": 0.0, "tie": 0.5, "bad": 0.5, None: None}


def check_draws(replay: Replay) -> str:
    """Every batch is the one given by the key, earlier draws and the answers seen until then."""
    events = list(replay.record.study_events("drawn"))
    if replay.opening.listing["design"] != ADAPTIVE:
        if events:
            raise MisfitError(f"{events[0]} is in a study whose trials follow from the key alone")
        return "all trials follow from the key alone"
    follower = _Follower(replay)
    for event in events:
        follower.follow(event)
    batches = "1 batch" if len(events) == 1 else f"{len(events)} batches"
    return f"{batches} as given by the key and the answers"


class _Follower:
    """Goes through the draws as they came, and keeps account of what each could know."""

    def __init__(self, replay: Replay) -> None:
        listing = replay.opening.listing
        self.replay = replay
        self.ground = Ground(len(listing["teams"]), len(listing["images"]))
        self.draws = 0
        self.seen: dict[str, int] = {}
        self.batches: dict[str, int] = {}
        self.sequences: dict[str, list[Trial]] = {}
        for trial in sorted(replay.trials.values(), key=lambda trial: trial.position):
            if trial.kind != "practice":
                self.sequences.setdefault(trial.judge, []).append(trial)

    def follow(self, event: Event) -> None:
        """Read what a draw has seen, and compare what it drew."""
        body, replay = event.body, self.replay
        judge = replay.judges.get(body["judge"])
        if judge is None:
            raise MisfitError(f"{event} draws for {body['judge']}, who was not invited")
        self._see(event)
        batch = self.batches.get(judge.label, 0) + 1
        if body["batch"] != batch:
            raise MisfitError(
                f"{event} is batch {body['batch']} of {judge.label} but should be batch {batch}"
            )
        at = datetime.fromisoformat(body["at"]).timestamp()
        found = opened(replay.opening.key, len(replay.teams), judge.number, batch, body["pairs"])
        if found != self._expected(judge, batch, at):
            raise MisfitError(f"{event}: these are not the pairs given by the key and the answers until then")
        mains = [trial for trial in self.sequences[judge.label] if trial.kind == "main"]
        for trial, (image, left, right) in zip(mains[len(self._own(judge)) :], found, strict=False):
            given = Given(judge.number, image, left, right, at)
            self.ground.give(trial.public_id, given, counts=not judge.test)
        self.batches[judge.label] = batch
        self.draws += not judge.test

    def _see(self, event: Event) -> None:
        """Take in the answers that a draw says to have seen since the draw before."""
        for chain, length in event.body["seen"].items():
            events, since = self.replay.record.chains.get(chain, []), self.seen.get(chain, 0)
            judge = self.replay.judges.get(chain)
            if judge is None or judge.test or not since < length <= len(events):
                raise MisfitError(f"{event} cannot have seen {how_many(length, 'events')} of {chain}")
            for answer in events[since:length]:
                said = answer.body["answer"]["choice"] if answer.body["complete"] else None
                self.ground.answer(answer.body["trial"], OUTCOMES[said])
            self.seen[chain] = length

    def _expected(self, judge: Judge, batch: int, at: float) -> list[Drawn]:
        replay, own = self.replay, self._own(judge)
        key, listing = replay.opening.key, replay.opening.listing
        allowed = len(replay.teams) - len(judge.conflicts)
        places = judge_places(key, listing, judge.number, allowed)
        mains = [place for place, (kind, _) in enumerate(places) if kind == "main"]
        pairs = batch_of(
            key,
            self.ground,
            judge.number,
            batch,
            at,
            [replay.teams.index(team) for team in judge.conflicts],
            len(mains) - len(own),
            even=self.draws % 2 == 0,
        )
        begin = mains[len(own)]
        after = mains[len(own) + len(pairs) :]
        end = after[0] if after else len(places)
        trials = self.sequences[judge.label]
        first = len(trials) - len(places)
        image = {name: number for number, name in enumerate(listing["images"])}
        hidden = {
            place: image[trial.image]
            for place, trial in zip(places, trials[first:], strict=True)
            if place[0] in ("golden", "identical")
        }
        before = image[trials[first + begin - 1].image] if first + begin else None
        return arranged(pairs, places[begin:end], [one.image for one in own], hidden, before)

    def _own(self, judge: Judge) -> list[Given]:
        return self.ground.own.get(judge.number, [])
