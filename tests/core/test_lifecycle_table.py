"""The table of states: docs/lifecycle.md shows the one that the code goes by."""

import re
from pathlib import Path

import pytest

from studyapp.core.lifecycle import STATES, STEPS, check_step
from studyapp.errors import StudyNotBegunError, StudyPausedError, StudyStateError

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_the_page_shows_the_table():
    rows = re.findall(r"^\| (\w+) \|((?: [^|]+\|){4})", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    shown = {
        step: tuple(cell.strip() for cell in cells.split("|")[:4]) for step, cells in rows if step in STEPS
    }
    expected = {
        name: tuple((step.to or "yes") if state in step.states else "–" for state in STATES)
        for name, step in STEPS.items()
    }
    assert shown == expected


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_only_where_the_table_says(step, state):
    if state in STEPS[step].states:
        assert check_step(step, state) is STEPS[step]
    else:
        words = "has not begun" if (step, state) == ("vote", "draft") else f"is {state}"
        errors = (StudyStateError, StudyPausedError, StudyNotBegunError)
        with pytest.raises(errors, match=f"the study {words}"):
            check_step(step, state)


def test_a_closed_study_stays_closed():
    assert all(step.to in (None, "closed") for step in STEPS.values() if "closed" in step.states)
