"""The study's own events in a possible order: docs/lifecycle.md as an independent check."""

from collections.abc import Iterable

from analysis.verify.record import STUDY, Event, MisfitError, Record

# Kind: the states it may come in, and the one it leads to.
TURNS = {
    "opened": ({"draft"}, "open"),
    "paused": ({"open"}, "paused"),
    "resumed": ({"paused"}, "open"),
    "closed": ({"open", "paused"}, "closed"),
}
BEFORE_CLOSING = {"committed", "invited", "drawn", "amended"}
OUT_AND_IN = {"disqualified": "team", "withdrawn": "judge"}
BACK = {"reinstated": "disqualified", "readmitted": "withdrawn"}


def check_life(record: Record) -> str:
    """Every step was allowed by the study's state, and nobody is invited or excluded twice."""
    state, amended, unsealed = "draft", 0, False
    seen: set[tuple[str, object]] = set()
    for event in record.chains[STUDY]:
        kind = event.body["kind"]
        if kind in TURNS:
            allowed, following = TURNS[kind]
            _require(state in allowed, event, f"comes while the study is {state}")
            state = following
        _require(kind not in BEFORE_CLOSING or state != "closed", event, "comes after the closing")
        if kind == "amended":
            amended += 1
            _require(event.body["number"] == amended, event, f"should be amendment {amended}")
            _require(not unsealed, event, "comes after identities were unsealed")
        if kind == "unsealed":
            _require(state in ("open", "paused") and not unsealed, event, f"comes while the study is {state}")
            unsealed = True
        _check_people(event, seen)
    return f"{len(record.chains[STUDY])} steps lead to {state}"


def _check_people(event: Event, seen: set[tuple[str, object]]) -> None:
    kind, body = event.body["kind"], event.body
    if kind in ("committed", "invited"):
        for fact in _facts(event):
            _require(fact not in seen, event, f"records {fact[0]} {fact[1]} twice")
            seen.add(fact)
    if kind in OUT_AND_IN:
        who = (kind, body[OUT_AND_IN[kind]])
        _require(who not in seen, event, f"excludes {who[1]}, who is already excluded")
        seen.add(who)
    if kind in BACK:
        who = (BACK[kind], body[OUT_AND_IN[BACK[kind]]])
        _require(who in seen, event, f"readmits {who[1]}, who is not excluded")
        seen.discard(who)


def _facts(event: Event) -> Iterable[tuple[str, object]]:
    if event.body["kind"] == "committed":
        return [("the", "commitment")]
    return [("judge", event.body["judge"]), ("number", event.body["number"])]


def _require(fits: bool, event: Event, why: str) -> None:
    if not fits:
        raise MisfitError(f"{event} {why}")
