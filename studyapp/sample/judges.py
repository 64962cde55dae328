"""Simulated judges: programs with eyes and a taste that vote through the real application, over HTTP.

They know no more than a person with the same link: tiles by opaque addresses, numbered slots. A judge likes
the candidates by nearness to the original photograph, as weighted by their own taste, plus Gumbel noise,
which makes the choice of the best three a Plackett-Luce model (Luce, 1959; Plackett, 1975).
"""

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import numpy as np

from studyapp.batch.pool import Progress
from studyapp.protocols import KINDS
from studyapp.sample.appraisal import FEATURES, USUAL, USUAL_SPREAD
from studyapp.sample.browser import Browser, SimulationError
from studyapp.sample.eyes import PLACES, Eyes
from studyapp.sample.reasons import reasons_of

_SLIP = 0.04  # how often the first click goes to the wrong slot and is undone
_FEW = 3  # candidates that tell what is good beside each other
_PATIENCE = 5  # answers to a trial that may be refused as stale before a judge gives up


@dataclass(frozen=True)
class Taste:
    """What a judge weighs, one weight for each of `FEATURES`, and how much chance is in their choices."""

    weights: np.ndarray
    noise: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Taste":
        """Draw a personality: all want fidelity, detail and little noise; crispness is liked or disliked."""
        weights = np.append(rng.uniform(0.4, 1.6, len(FEATURES) - 1), rng.normal(0.2, 0.5))
        return cls(weights / np.abs(weights).sum() * 2.5, float(rng.uniform(0.4, 0.9)))


def _standard(seen: np.ndarray) -> np.ndarray:
    """Relate candidates to each other, or one or two, of which that says little, to what is usual."""
    if len(seen) < _FEW:
        return (seen - USUAL) / USUAL_SPREAD
    spread = seen.std(axis=0)
    return (seen - seen.mean(axis=0)) / np.where(spread > 0, spread, 1)


@dataclass(frozen=True)
class Simulation:
    """What the simulated judges did."""

    judges: int
    trials: int
    saved: int
    undone: int
    simulated: bool = True


class SimulatedJudge:
    """One judge who opens a personal link, practises, answers every trial that is open, and finishes."""

    def __init__(self, name: str, link: str, *, eyes: Eyes, seed: int) -> None:
        self._name, self._link, self._eyes, self._seed = name, link, eyes, seed
        self._taste = Taste.draw(self._rng("taste"))
        self._browser = Browser(link)
        self._study = link.rpartition("/j/")[0]
        self._saved = self._undone = 0

    def work(self) -> Simulation:
        """Do everything a judge does; trials with a complete ballot are left as they are."""
        self._browser.get(self._link)
        self._browser.submit(f"{self._study}/judge/guidelines", button="/guidelines")
        todo = self._browser.get(f"{self._study}/api/trials").json()
        ids = [*todo["practice"], *(line["trial"] for line in todo["trials"])]
        answered = [self._answer(trial_id) for trial_id in ids]
        self._browser.submit(f"{self._study}/judge/finish", button="/finish")
        return Simulation(1, sum(answered), self._saved, self._undone)

    def _answer(self, trial_id: str) -> bool:
        trial = self._browser.get(f"{self._study}/api/trials/{trial_id}").json()
        if trial["ballot"]["complete"]:
            return False
        liking, seen, rng = self._judge(trial)
        question, ballot = trial["question"], trial["ballot"]
        protocol = KINDS[question["kind"]]
        steps = protocol.simulate(question, liking)
        if rng.random() < _SLIP and ballot["revision"] == 0:
            slip = protocol.simulate(question, {slot: -value for slot, value in liking.items()})[0]
            self._put(trial, slip)
            self._put(trial, protocol.nothing())
            self._undone += 1
        # An answer that was begun before goes on where it stopped.
        done = next((count for count, step in enumerate(steps, 1) if step.items() <= ballot.items()), 0)
        # It is not complete: the last step is due at least, with the reasons that go with it.
        *before, last = steps[min(done, len(steps) - 1) :]
        for answer in before:
            self._put(trial, answer)
        self._put(trial, {**last, "reasons": reasons_of(trial["asks_why"], liking, seen)})
        return trial["kind"] == "main"

    def _judge(self, trial: Any) -> tuple[dict[int, float], dict[int, np.ndarray], np.random.Generator]:
        image = self._eyes.recognise(trial, self._fetch)
        rng = self._rng(image)
        places = rng.permutation(len(PLACES))[:2]
        views = self._eyes.views(image, tuple(int(place) for place in places))
        slots = trial["slots"]
        seen = np.array([self._eyes.appraise(image, slot, views, self._fetch) for slot in slots])
        standard = _standard(seen)
        utility = standard @ self._taste.weights
        # Chance follows what is seen and not the slot, so that the order shown leaves the vote unchanged.
        chance = [self._rng(image, np.round(row, 6).tobytes().hex()).gumbel() for row in seen]
        liking = utility + self._taste.noise * np.array(chance)
        numbers = [shown["slot"] for shown in slots]
        liked = {number: float(value) for number, value in zip(numbers, liking, strict=True)}
        return liked, dict(zip(numbers, standard, strict=True)), rng

    def _put(self, trial: Any, given: dict[str, Any]) -> None:
        ballot = trial["ballot"]
        for _ in range(_PATIENCE):
            body = {"key": str(uuid4()), "base_revision": ballot["revision"], **given}
            answer = self._browser.put_json(trial["links"]["ballot"], body, csrf=trial["csrf"])
            if answer.status == 200:
                trial["ballot"] = answer.json()
                self._saved += 1
                return
            said = answer.json()
            if answer.status != 409 or "current" not in said:
                raise SimulationError(f"a ballot of {self._name} was answered with {answer.status}: {said}")
            ballot = said["current"]
        raise SimulationError(
            f"{self._name}'s ballot was stale {_PATIENCE} times; is someone using the link?"
        )

    def _fetch(self, url: str) -> bytes:
        return self._browser.get(url).body

    def _rng(self, *about: str) -> np.random.Generator:
        label = "\0".join([str(self._seed), self._name, *about])
        return np.random.default_rng(list(hashlib.sha256(label.encode()).digest()))


def run_simulated_judges(
    links: Mapping[str, str],
    *,
    seed: int,
    originals: Mapping[str, np.ndarray],
    concurrency: int = 4,
    progress: Progress | None = None,
) -> Simulation:
    """Let simulated judges vote, several at once, through the application that the links lead to.

    The votes depend on the seed, the judges' names and the pixels: not on the order of slots, of images or of
    the judges' work. A second run answers what the first one left open.

    Parameters
    ----------
    links
        Personal link of each judge, by name.
    seed
        Decides tastes and chance.
    originals
        Undamaged pixels by image (uint8, height x width x 3), the practice image included.
    concurrency
        Judges at work at a time.
    progress
        Called with the stage, the number of judges who are done, and of all.

    Returns
    -------
    Simulation
        Sums over the judges.

    Raises
    ------
    SimulationError
        When the application refuses something that a judge may do, or shows an unknown photograph.
    """
    eyes = Eyes(originals)
    with ThreadPoolExecutor(concurrency) as pool:
        work = [
            pool.submit(SimulatedJudge(name, link, eyes=eyes, seed=seed).work) for name, link in links.items()
        ]
        done = []
        try:
            for future in work:
                done.append(future.result())
                if progress:
                    progress("judging", len(done), len(work))
        except BaseException:
            for future in work:
                future.cancel()
            raise
    return Simulation(
        judges=len(done),
        trials=sum(item.trials for item in done),
        saved=sum(item.saved for item in done),
        undone=sum(item.undone for item in done),
    )
