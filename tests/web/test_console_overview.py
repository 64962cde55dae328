"""The overview: what comes next, from an empty draft to the results."""

import dataclasses

import pytest
from sqlmodel import delete

from studyapp.app import create_app
from studyapp.db.tables import Image, Picture, Region, Study, Team
from studyapp.services.ground import studies
from studyapp.services.people import invitations
from studyapp.services.results.monitoring import status_or_draft
from studyapp.services.results.next_steps import next_steps
from studyapp.services.voting import lifecycle
from tests.accounts import owner_token
from tests.conftest import CAST, NOW
from tests.services.voting import cast, close
from tests.sqlite_alone import database_url  # noqa: F401 (nothing here differs between databases)


def states(workspace) -> dict[str, str]:
    with workspace.database.reading() as session:
        return {step.key: step.state for step in next_steps(status_or_draft(session, workspace))}


def now(workspace) -> list[str]:
    return [key for key, state in states(workspace).items() if state in ("now", "problem")]


def test_the_steps_lead_from_the_images_to_the_results(workspace):
    assert now(workspace) == ["invite"]
    assert states(workspace)["images"] == "done"
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, CAST, now=NOW)
    assert now(workspace) == ["open"]
    with workspace.database.writing() as session:
        studies.open_study(session, now=NOW)
    assert now(workspace) == ["watch"]
    with workspace.database.writing() as session:
        lifecycle.pause_study(session, now=NOW)
    assert states(workspace)["watch"] == "problem"


def test_a_closed_study_leads_to_its_results(workspace, links):
    cast(workspace, "Jude", 1, 1, 2, 3)
    close(workspace)
    assert now(workspace) == ["results"]


def test_rehearsing_is_optional_and_counts_nobody_as_invited(workspace):
    assert states(workspace)["rehearse"] == "optional"
    tests = [dataclasses.replace(line, test=True) for line in CAST]
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, tests, now=NOW)
    assert now(workspace) == ["invite"]


def test_a_draft_without_images_begins_with_them(folder, workspace):
    with workspace.database.writing() as session:
        for table in (Region, Picture, Image, Team, Study):
            session.exec(delete(table))
    token = owner_token(folder)
    assert now(workspace) == ["images"]
    app = create_app(folder)
    olga = app.test_client()
    olga.get(f"/o/{token}")
    page = olga.get("/console")
    app.extensions["studyapp"].workspace.database.close()
    assert page.status_code == 200
    assert "Spring study" in page.text
    assert "Add images and results" in page.text


@pytest.mark.parametrize("word", ["", "clos", "yes"])
def test_closing_needs_its_word(olga, workspace, links, word):
    olga.get("/console")
    assert "was not closed" in olga.post("/console/close", confirm=word).text
    with workspace.database.reading() as session:
        assert studies.the_study(session).state == "open"
