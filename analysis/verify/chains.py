"""The chains themselves: nothing edited, removed, inserted or moved, and nothing after the closing."""

from analysis.amounts import how_many
from analysis.verify.hashing import GENESIS, event_hash, study_digest
from analysis.verify.record import STUDY, Event, MisfitError, Record

# What may still happen to a study that is closed.
AFTER_CLOSING = {
    *("unsealed", "disqualified", "reinstated", "withdrawn", "readmitted", "link-revoked", "loss-accepted"),
}


def check_chains(record: Record) -> str:
    """Every event contains the hash of the one before it, and its own."""
    for chain in record.chains.values():
        previous = GENESIS
        for number, event in enumerate(chain, start=1):
            _check_link(event, number, previous)
            previous = event.hash
    count = len(record.events)
    return f"{how_many(count, 'events')} in {how_many(len(record.chains), 'chains')} follow each other"


def check_closing(record: Record) -> str:
    """The closing event lists the head of every chain, and the digest combines them."""
    closing = next(record.study_events("closed"), None)
    if closing is None:
        raise MisfitError("the ledger has no closing event")
    place = record.chains[STUDY].index(closing)
    for event in record.chains[STUDY][place + 1 :]:
        if event.body.get("kind") not in AFTER_CLOSING:
            raise MisfitError(f"{event} comes after the closing")
    heads = [(chain, count, head) for chain, count, head in closing.body["heads"]]
    listed = {chain: (count, head) for chain, count, head in heads}
    for chain, events in record.chains.items():
        kept = events[:place] if chain == STUDY else events
        _check_head(chain, kept, listed.pop(chain, (0, GENESIS)))
    for chain, (count, _) in listed.items():
        if count:
            raise MisfitError(
                f"{chain} is missing; the closing event counts {how_many(count, 'events')} of it"
            )
    digest = study_digest(heads)
    if digest != closing.body["digest"]:
        raise MisfitError(f"{closing}: its digest does not match its heads")
    return f"study digest {digest}"


def _check_link(event: Event, number: int, previous: str) -> None:
    if event.body.get("sequence") != number:
        raise MisfitError(f"{event} is at position {number}: an event is missing, added or moved")
    if event.previous != previous:
        raise MisfitError(f"{event} does not follow the event before it")
    if event.hash != event_hash(previous, event.body):
        raise MisfitError(f"{event} was changed: its hash does not match its content")


def _check_head(chain: str, events: list[Event], listed: tuple[int, str]) -> None:
    count, head = listed
    if len(events) > count:
        raise MisfitError(f"{events[count]} is not among the {how_many(count, 'events')} counted at closing")
    if len(events) < count:
        raise MisfitError(
            f"{chain} ends after {len(events)} of the {how_many(count, 'events')} counted at closing"
        )
    if head != (events[-1].hash if events else GENESIS):
        raise MisfitError(f"{chain}: the last event is not the one that the closing event names")
