"""Regions of interest: drawn by the organiser before opening, in the database and in the file alike."""

import pytest
from sqlalchemy import text

from studyapp.services.folder.preparing import prepare_study
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)


@pytest.fixture
def draft(workspace, olga):
    """Olga at a study that has not opened yet."""
    with workspace.database.writing() as session:
        session.execute(text("UPDATE study SET state = 'draft'"))
    page = olga.get("/console/regions/001")
    assert page.status_code == 200
    olga.token = page.text.split('"csrf": "')[1].split('"')[0]
    return olga


def test_drawn_regions_reach_judges_and_the_file(draft, jude, folder):
    assert draft.put("/console/regions/001", {"regions": [[5, 6, 7, 8], [0, 0, 60, 40]]}).json == {"saved": 2}
    assert draft.put("/console/regions/002", {"regions": [[1, 1, 2, 2]]}).status_code == 200
    file = (folder / "regions.csv").read_text(encoding="utf-8").splitlines()
    assert file == ["image,x,y,width,height", "001,5,6,7,8", "001,0,0,60,40", "002,1,1,2,2"]
    assert sorted(len(jude.trial(position)["regions"]) for position in (1, 2, 3)) == [0, 1, 2]
    draft.put("/console/regions/001", {"regions": []})
    assert sorted(len(jude.trial(position)["regions"]) for position in (1, 2, 3)) == [0, 0, 1]


def test_tiling_again_finds_nothing_changed(draft, folder):
    draft.put("/console/regions/001", {"regions": [[5, 6, 7, 8]]})
    prepare_study(folder, workers=1, progress=None, now=NOW)


@pytest.mark.parametrize(
    ("regions", "status"),
    [
        ([[55, 0, 10, 10]], 400),
        ([[0, 0, 0, 1]], 422),
        ([[0, 0, 1]], 422),
        ("all", 422),
        ([[0, 0, 1, 1]] * 51, 422),
    ],
)
def test_impossible_regions_are_refused(draft, folder, regions, status):
    assert draft.put("/console/regions/001", {"regions": regions}).status_code == status
    assert not (folder / "regions.csv").exists()


def test_regions_are_frozen_once_the_study_is_open(olga):
    page = olga.get("/console/regions/001").text
    assert "can no longer be changed" in page
    olga.token = page.split('"csrf": "')[1].split('"')[0]
    answer = olga.put("/console/regions/001", {"regions": [[0, 0, 1, 1]]})
    assert answer.status_code == 409


def test_only_inputs_are_shown_and_only_to_organisers(olga, jude, eve):
    assert olga.get("/console/regions").headers["Location"] == "/console/regions/000"
    tile = olga.client.get("/console/regions/001/t/0/0_0")
    assert tile.data[12:16] == b"VP8L"
    assert olga.client.get("/console/regions/001/t/7/0_0").status_code == 404
    assert olga.get("/console/regions/nothing").status_code == 404
    assert jude.get("/console/regions/001").status_code == 404
    assert eve.get("/console/regions/001").status_code == 401
