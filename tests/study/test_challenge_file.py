"""What site.yaml says of a challenge."""

from datetime import UTC, datetime

import pytest

from studyapp.errors import StudyError
from studyapp.study.site_file import SITE_FILE, load_site_file

TEXT = """
challenge:
  tracks:
    lowlight:
      phases:
        {phases}
"""
ONE = "{{title: Feedback, {more}opens: {opens}, closes: {closes}}}"


def load(folder, *, opens="2027-01-01T00:00:00Z", closes="2027-02-01T00:00:00Z", more="", phases=None):
    written = phases or "feedback: " + ONE.format(opens=opens, closes=closes, more=more)
    (folder / SITE_FILE).write_text(TEXT.format(phases=written), encoding="utf-8")
    return load_site_file(folder / SITE_FILE).challenge


def test_a_moment_is_one_whatever_offset_it_is_written_with(tmp_path):
    phase = load(tmp_path, closes="2027-02-01T07:59:00+08:00").tracks["lowlight"].phases["feedback"]
    assert phase.closes == datetime(2027, 1, 31, 23, 59, tzinfo=UTC)
    assert str(phase.closes.tzinfo) == "UTC"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"opens": "2027-01-01"}, "opens: write a moment with its offset"),
        ({"opens": "2027-01-01T12:00:00"}, "opens: write a moment with its offset"),
        ({"closes": "tomorrow"}, "closes: write a moment with its offset"),
        ({"closes": "2027-01-01T00:00:00Z"}, "closes must be later than opens"),
        ({"more": "freezes: 2027-02-01T00:00:00Z, "}, "freezes must lie between opens and closes"),
        ({"more": "counts: worst, "}, "counts"),
        (
            {
                "phases": "last: {title: A, kind: final, opens: 2027-01-01T00:00:00Z, "
                "closes: 2027-01-02T00:00:00Z}\n"
                "        later: {title: B, kind: final, opens: 2027-01-02T00:00:00Z, "
                "closes: 2027-01-03T00:00:00Z}"
            },
            "only one phase can be of the kind final",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path, wrong, said):
    with pytest.raises(StudyError, match=said):
        load(tmp_path, **wrong)
