"""Conflicts of interest: what a judge must not see is not there, over HTTP and in S3."""

import io

import numpy as np
import pytest
from PIL import Image

from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.people import invitations
from studyapp.services.results.ranking import rank_study
from tests.conftest import IMAGES, NOW, TEAMS

CONNY = JudgeLine("Conny", "conny@example.org", ("team02",))


@pytest.fixture
def conny(browser, workspace):
    with workspace.database.writing() as session:
        (invited,) = invitations.invite_judges(session, workspace.key, [CONNY], now=NOW)
    person = browser()
    person.get(f"/j/{invited.token}")
    return person


def shown_teams(person, trial) -> set[str]:
    """Tell by the pixels whose candidates a trial shows: each team added its number to the input."""
    teams = set()
    pixels = pixels_of(person, trial["input"]["tiles"], trial)
    for slot in trial["slots"]:
        difference = pixels_of(person, slot["tiles"], trial).astype(int) - pixels
        assert difference.min() == difference.max()
        teams.add(f"team{difference.min():02d}")
    return teams


def pixels_of(person, tiles, trial) -> np.ndarray:
    answer = person.client.get(f"{tiles}/{len(trial['image']['levels']) - 1}/0_0")
    return np.asarray(Image.open(io.BytesIO(answer.data)).convert("RGB"))


def test_a_conflicting_teams_candidates_are_never_shown(conny, jude):
    for position in range(1, len(IMAGES) + 1):
        trial = conny.trial(position)
        assert shown_teams(conny, trial) == set(TEAMS) - {"team02"}
        assert [slot["slot"] for slot in trial["slots"]] == [1, 2, 3]
        assert shown_teams(jude, jude.trial(position)) == set(TEAMS)


def test_s3_averages_over_those_who_could_see_a_team(conny, jude, workspace):
    """Jude places team02 first. Conny, who is not shown it, is taken to have it there, too: on her ballot
    the others earn what they would earn below it, so that a conflict is neither for nor against anybody."""
    for person in (conny, jude):
        for position in range(1, len(IMAGES) + 1):
            trial = person.trial(position)
            base = pixels_of(person, trial["input"]["tiles"], trial).astype(int)
            number = {
                int((pixels_of(person, slot["tiles"], trial) - base).max()): slot["slot"]
                for slot in trial["slots"]
            }
            wanted = [2, 1, 3] if 2 in number else [1, 3, 4]
            assert person.pick(trial, *(number[team] for team in wanted)).status_code == 200
    with workspace.database.writing() as session:
        studies.close_study(session, now=NOW)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
    s3 = dict(zip(ranking.table["team"], ranking.table["s3"], strict=True))
    images = len(IMAGES)
    assert s3["team02"] == pytest.approx(3 * images)
    assert s3["team01"] == pytest.approx(2 * images)
    assert s3["team03"] == pytest.approx(1 * images)
    assert s3["team04"] == pytest.approx(0)
