"""The life of a study as one table: what may be done in which state, and where it leads.

docs/lifecycle.md shows the table; `tests/core/test_lifecycle.py` compares the two.
"""

from dataclasses import dataclass
from typing import Literal

from analysis.texts import say
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

NAMES = {"draft": say("draft"), "open": say("open"), "paused": say("paused"), "closed": say("closed")}
"""What people call the states."""

_WHY = {
    "invite": say("nobody can be invited any more"),
    "draw": say("pairs that nobody has looked at yet are no longer shown"),
    "open": say("only a draft can be opened (`studyapp resume DIR` ends a pause)"),
    "vote": say("answers can be saved only while it is open"),
    "pause": say("only an open study can be paused"),
    "resume": say("only a paused study can be resumed"),
    "amend": say("its rules can no longer change"),
    "unseal": say("only an open or a paused study can be unsealed"),
    "close": say("only an open or a paused study can be closed"),
    "results": say("results are sealed until `studyapp close DIR`"),
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
        raise StudyPausedError(say("the study is paused; answers are accepted again when it resumes"))
    if step == "vote" and state == "draft":
        raise StudyNotBegunError(say("the study has not begun yet; come back when the organisers open it"))
    raise StudyStateError(say("the study is %(state)s; %(why)s", state=NAMES[state], why=_WHY[step]))
