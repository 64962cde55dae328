"""The life of a study as one table: what may be done in which state, and where it leads.

docs/lifecycle.md shows the table; `tests/core/test_lifecycle.py` compares the two.
"""

from dataclasses import dataclass
from typing import Literal

from studyapp.errors import StudyNotBegunError, StudyPausedError, StudyStateError

State = Literal["draft", "open", "paused", "closed"]
STATES: tuple[State, ...] = ("draft", "open", "paused", "closed")


@dataclass(frozen=True)
class Step:
    """Something that can be done in some states, and the state it leads to (None: it stays)."""

    states: tuple[State, ...]
    to: State | None = None


BEFORE_CLOSING: tuple[State, ...] = ("draft", "open", "paused")

STEPS: dict[str, Step] = {
    "invite": Step(BEFORE_CLOSING),
    "draw": Step(BEFORE_CLOSING),
    "open": Step(("draft",), "open"),
    "vote": Step(("open",)),
    "pause": Step(("open",), "paused"),
    "resume": Step(("paused",), "open"),
    "amend": Step(BEFORE_CLOSING),
    "unseal": Step(("open", "paused")),
    "disqualify": Step(STATES),
    "withdraw": Step(STATES),
    "close": Step(("open", "paused"), "closed"),
    "results": Step(("closed",)),
}
"""Results can be seen before closing only when the study was unsealed on purpose."""

_WHY = {
    "vote": "ballots can be cast only while it is open",
    "open": "only a draft is opened (`studyapp resume DIR` ends a pause)",
    "invite": "nobody can be invited any more",
    "results": "results are sealed until `studyapp close DIR`",
    "amend": "its rules stand",
    "draw": "what nobody has looked at yet is shown to nobody any more",
}


def check_step(step: str, state: str) -> Step:
    """Return the step when it may be taken in this state.

    Raises
    ------
    StudyPausedError
        For a ballot while the study is paused: it may be sent again later.
    StudyNotBegunError
        For a ballot while the study is a draft.
    StudyStateError
        When it may not be taken.
    """
    allowed = STEPS[step]
    if state in allowed.states:
        return allowed
    if step == "vote" and state == "paused":
        raise StudyPausedError("the study is paused: ballots are taken again when it goes on")
    if step == "vote" and state == "draft":
        raise StudyNotBegunError("the study has not begun yet; come back when the organisers open it")
    why = _WHY.get(step, f"to {step} it, it must be {' or '.join(allowed.states)}")
    raise StudyStateError(f"the study is {state}; {why}")
