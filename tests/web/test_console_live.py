"""The live page: what judges have done and what goes wrong, without a word about what they picked."""

import re
from datetime import timedelta

import pytest

from studyapp.services.results.live import live, marks
from studyapp.services.voting import viewing
from tests.conftest import IMAGES, NOW, TEAMS
from tests.services.voting import cast, demand
from tests.sqlite_alone import database_url  # noqa: F401 (nothing here differs between databases)

HTMX = {"HX-Request": "true"}


def view(workspace, now=NOW):
    with workspace.database.reading() as session:
        return live(session, workspace.folders.var, now=now)


@pytest.fixture
def answered(workspace, links):
    """Jude has answered two images and begun a third; June none."""
    cast(workspace, "Jude", 1, 1, 2, 3)
    cast(workspace, "Jude", 2, 1, 2, 3)
    cast(workspace, "Jude", 3, 1)
    cast(workspace, "Jude", 2, 2, 1, 3, base=1)
    return workspace


def test_answers_are_counted_by_judge_and_by_image(answered):
    found = view(answered)
    jude, june = found.judges
    assert (jude.done, jude.begun, jude.total) == (2, 1, 3)
    assert (june.done, june.begun, june.total) == (0, 0, 3)
    assert (found.done, found.total, found.begun, found.finished) == (2, 6, 1, 0)
    assert [image.name for image in found.images] == list(IMAGES)
    assert sum(image.done for image in found.images) == 2
    assert {image.total for image in found.images} == {2}
    assert found.hours[-1] == ("12:00", 3), "a changed answer was complete twice"


def test_the_matrix_has_a_sign_for_each_image(answered):
    with answered.database.reading() as session:
        names, signs = marks(session, [judge.id for judge in view(answered).judges])
    assert names == list(IMAGES)
    jude, june = signs.values()
    assert sorted(jude) == ["b", "d", "d"]
    assert june == "ooo"


def test_test_judges_and_withdrawn_judges_are_shown_and_not_counted(answered, olga):
    olga.get("/console/actions")
    olga.post("/console/actions/withdraw", who="jude@example.org", reason="asked to leave")
    found = view(answered)
    assert (found.done, found.total) == (0, 3)
    assert "withdrawn" in olga.get("/console/live").text


@pytest.mark.parametrize(
    ("report", "words"),
    [
        ({"kind": "check", "width": 600, "height": 400}, "small window: 600 × 400"),
        ({"kind": "check", "zoom": 1.5, "width": 1440, "height": 900}, "browser zoom 150 %"),
        ({"kind": "opened", "width": 1000, "height": 700, "dpr": 1}, "window smaller than the study needs"),
        ({"kind": "altered", "at": "2026-03-01T12:00:00Z"}, "images altered on their way"),
    ],
)
def test_conditions_that_matter_are_warned_of(answered, olga, report, words):
    jude = view(answered).judges[0].id
    with answered.database.writing() as session:
        if report["kind"] == "opened":
            demand(session, window=(1001, 1))
        viewing.note_conditions(session, jude, report, trial=None, now=NOW)
    assert [str(item) for item in view(answered).judges[0].warnings] == [words]
    assert words in olga.get("/console/live").text


def test_a_window_that_was_made_larger_is_no_warning_any_more(answered):
    jude = view(answered).judges[0].id
    small = {"kind": "check", "width": 600, "height": 400}
    changed = {"kind": "change", "at": "2026-03-01T12:00:00Z", "changed": {"width": 1440, "height": 900}}
    with answered.database.writing() as session:
        for report in (small, changed):
            viewing.note_conditions(session, jude, report, trial=None, now=NOW)
    assert view(answered).judges[0].warnings == ()


def test_the_page_refreshes_a_part_of_itself_alone(answered, olga):
    page = olga.get("/console/live?sort=-done").text
    assert 'hx-get="/console/live?sort=-done"' in page
    part = olga.client.get("/console/live?sort=-done", headers=HTMX).text
    assert "<html" not in part
    assert "Jude" in part


def test_nothing_of_the_page_tells_who_made_what_or_what_was_picked(answered, olga):
    page = olga.get("/console/live").text
    assert not [team for team in TEAMS if team in page]
    assert "Toms team" not in page
    changing = r'As of[^<]*|\d\d:\d\d|name="csrf_token" value="[^"]*"'
    same = re.sub(changing, "", olga.get("/console/live").text)
    cast(answered, "Jude", 1, 3, 2, 1, base=1)
    after = re.sub(changing, "", olga.get("/console/live").text)
    strip = re.compile(r'<svg class="hours".*?</svg>', re.DOTALL)
    assert strip.sub("", after) == strip.sub("", same), "other picks look the same"


def test_the_pace_is_the_median_gap_and_tells_the_work_left(answered):
    assert view(answered).seconds_each is None, "too few answers tell nothing"
    later = view(answered, now=NOW + timedelta(days=3))
    assert {count for _, count in later.hours} == {0}


def test_judges_get_nothing_of_it(jude):
    assert jude.get("/console/live").status_code == 404
