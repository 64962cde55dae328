"""The order of trials of one or two candidates, recomputed: hidden ones mixed in, no image twice in a row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.verify.keyed import drawing, shuffled
from analysis.verify.shown import Shown


@dataclass(eq=False)
class _Card:
    shown: Shown
    repeats: "_Card | None" = None
    place: int | None = None


def in_order(
    key: bytes,
    number: int,
    main: Sequence[Shown],
    repeats: Sequence[str],
    hidden: Sequence[Shown],
    begin: int,
) -> list[Shown]:
    """Return a judge's sequence.

    Parameters
    ----------
    key, number
        The study key, and the judge's number in the design.
    main
        The judge's counted trials, in the order of the design.
    repeats
        Images of which a counted trial comes again.
    hidden
        Golden and identical trials.
    begin
        How many stabilising trials come first.
    """
    cards = [_Card(shown) for shown in shuffled(key, main, "trial order", number)]
    more = [_Card(shown) for shown in hidden]
    for image in repeats:
        own = next((card for card in cards if card.shown.image == image), None)
        if own is not None:
            slots = shuffled(key, own.shown.slots, "repeat slots", number, image)
            more.append(_Card(own.shown._replace(kind="repeat", slots=tuple(slots)), own))
    draw = drawing(key, "hidden places", number)
    for card in more:
        cards.insert(draw(len(cards) + 1), card)
    drawn = _apart([_Card(shown) for shown in shuffled(key, main, "stabilising", number)], None)
    start = []
    for count, shown in enumerate(drawn[:begin]):
        slots = shuffled(key, shown.slots, "stabilising slots", number, shown.image, count)
        start.append(shown._replace(kind="stabilising", slots=tuple(slots)))
    return [*start, *_apart(cards, start[-1].image if start else None)]


def _apart(cards: list[_Card], before: str | None) -> list[Shown]:
    third, sequence = -(-len(cards) // 3), []
    left = Counter(card.shown.image for card in cards)
    while cards:
        now = len(sequence)
        heavy = {image for image, count in left.items() if 2 * count > len(cards)}
        card = cards[0]
        if heavy or card.shown.image == before or not _waited(card, third, now):
            card = _choose(cards, before, heavy, third, now)
        cards.remove(card)
        card.place = now
        sequence.append(card.shown)
        before = card.shown.image
        left[before] -= 1
    return sequence


def _choose(cards: list[_Card], before: str | None, heavy: set[str], third: int, now: int) -> _Card:
    near = [card for card in cards if _waited(card, 0, now)]
    others = [card for card in near if card.shown.image != before]
    free = [card for card in others if _waited(card, third, now)]
    heavies = [card for card in free if card.shown.image in heavy]
    return next(found[0] for found in (heavies, free, others, near) if found)


def _waited(card: _Card, gap: int, now: int) -> bool:
    return card.repeats is None or (card.repeats.place is not None and now - card.repeats.place >= gap)
