"""The order of trials that show one or two candidates: the same image never twice in a row.

A pure function of the study key. A judge's counted trials are shuffled. Hidden trials are mixed in where the
key says, a repeat for the first counted trial of its image. Then the order is walked through, and the first
trial is taken whose image is not the one just seen; a repeat has to wait until a third of the sequence lies
between it and what it repeats, if that can be. An image that makes up half of what is left is taken at once.
So no image follows itself unless there is but one, or it has more trials than all others together.

Stabilising trials, which are not counted, come first: pictures of the judge's counted trials, newly drawn.
"""

from collections import Counter
from collections.abc import Sequence

from studyapp.core.hidden_trials import ShownTrial
from studyapp.core.keyed import keyed_draws, keyed_shuffle

SINGLES = "spaced singles 1"
"""The design of a study whose judges see every candidate by itself."""


def spaced_plan(
    key: bytes,
    judge: int,
    counted: Sequence[ShownTrial],
    *,
    repeats: Sequence[str] = (),
    hidden: Sequence[ShownTrial] = (),
    stabilising: int = 0,
) -> list[ShownTrial]:
    """Return everything that judge number `judge` is shown after practice, in order.

    Parameters
    ----------
    key
        The study key, 32 bytes.
    judge
        The judge's number, from 0.
    counted
        The judge's counted trials in the order of the design.
    repeats
        Images of which a counted trial is shown again; one that the judge does not see has none.
    hidden
        Further trials that check the judge: golden and identical ones.
    stabilising
        How many trials come first that do not count.
    """
    drawn: list[_Waiting] = [(trial, None) for trial in keyed_shuffle(key, counted, "stabilising", judge)]
    start = [
        _again(key, judge, "stabilising", trial, number)
        for number, trial in enumerate(_spaced(drawn, last=None)[:stabilising])
    ]
    order: list[_Waiting] = [(trial, None) for trial in keyed_shuffle(key, counted, "trial order", judge)]
    first = {trial.image: trial for trial, _ in reversed(order)}
    extra: list[_Waiting] = [(trial, None) for trial in hidden]
    extra += [
        (_again(key, judge, "repeat", first[image]), first[image]) for image in repeats if image in first
    ]
    place = keyed_draws(key, "hidden places", judge)
    for trial in extra:
        order.insert(place(len(order) + 1), trial)
    return [*start, *_spaced(order, last=start[-1].image if start else None)]


_Waiting = tuple[ShownTrial, ShownTrial | None]
"""A trial, and the one that it repeats and must wait for."""


def _again(key: bytes, judge: int, kind: str, trial: ShownTrial, *number: int) -> ShownTrial:
    slots = keyed_shuffle(key, trial.slots, f"{kind} slots", judge, trial.image, *number)
    return ShownTrial(kind, trial.image, tuple(slots))


def _spaced(order: list[_Waiting], last: str | None) -> list[ShownTrial]:
    gap = -(-len(order) // 3)
    left = Counter(trial.image for trial, _ in order)
    shown: dict[ShownTrial, int] = {}
    sequence: list[ShownTrial] = []

    def first(gap: int, image: str | None, last: str | None) -> int | None:
        """Find the first trial that may come now: of this image, and not of the last."""
        for number, (trial, original) in enumerate(order):
            waited = original is None or (original in shown and len(sequence) - shown[original] >= gap)
            if waited and image in (None, trial.image) and trial.image != last:
                return number
        return None

    while order:
        half = next((image for image in left if image != last and 2 * left[image] > len(order)), None)
        # Rather too near to what it repeats than the same image again.
        ways = ((gap, half, last), (gap, None, last), (0, None, last), (0, None, None))
        trial, _ = order.pop(next(number for way in ways if (number := first(*way)) is not None))
        shown[trial] = len(sequence)
        sequence.append(trial)
        last = trial.image
        left[last] -= 1
    return sequence
