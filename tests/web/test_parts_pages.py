"""S2 and EScore on pages: nothing of them reaches a judge; the organiser sees them with the ranking only."""

import re

import pytest

from studyapp.services.ground.workspace import open_workspace
from studyapp.services.paired.scoring import ScoringChoice, score_study
from studyapp.services.voting.amending import amend_study
from tests.conftest import NOW, TEAMS
from tests.paired_study import JOINED, OWN_FORMULA, SCORING, write_pairs
from tests.services.joined import MEASURES
from tests.services.voting import cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

JUDGE_PAGES = (
    "/judge",
    "/judge/guidelines",
    "/judge/screen",
    "/judge/finish",
    "/judge/receipts",
    "/api/trials",
)


@pytest.fixture
def scored(folder, workspace, links):
    """The open study, amended to join all parts, with scores and measures."""
    write_pairs(folder)
    with (folder / "study.yaml").open("a") as file:
        file.write(SCORING + JOINED)
    (folder / "measures.csv").write_text(MEASURES)
    amended = open_workspace(folder)
    with amended.database.writing() as session:
        amend_study(session, amended, "all parts count", now=NOW)
    amended.database.close()
    score_study(folder, ScoringChoice(workers=1))
    return folder


def seen(browser, pages) -> dict[str, tuple[int, str]]:
    """What the pages say, without what is new in every answer."""
    found = {}
    for page in pages:
        answer = browser.get(page)
        text = re.sub(r'(nonce|value|csrf)("?[=:] ?)"[^"]{20,}"', "", answer.get_data(as_text=True))
        found[page] = answer.status_code, text
    return found


def test_judges_see_nothing_of_scores_and_measures(jude, request):
    trial = jude.trial()["trial"]
    pages = (*JUDGE_PAGES, f"/judge/trial/{trial}", f"/api/trials/{trial}")
    before = seen(jude, pages)
    assert [status for status, _ in before.values()].count(200) >= 6
    request.getfixturevalue("scored")
    assert seen(jude, pages) == before
    for name in ("/console/ranking", "/console/files/paired.csv", "/var/scores/teams.csv"):
        assert jude.get(name).status_code == 404


def test_organisers_see_the_parts_only_with_the_ranking(olga, scored, workspace):
    overview = olga.get("/console").get_data(as_text=True)
    assert OWN_FORMULA not in overview
    assert not any(team in overview for team in TEAMS)
    assert olga.get("/console/ranking").status_code == 409
    cast_all(workspace, "Jude", "June")
    close(workspace)
    page = olga.get("/console/ranking").get_data(as_text=True)
    assert f"S2 = {OWN_FORMULA}." in page
    assert "Paired score (S2)" in page
    assert "Efficiency (EScore)" in page
    assert "GPU of the test" in page
    assert re.search(r"\d+\.\d\d \[\d+\.\d\d, \d+\.\d\d\]", page)
