"""The console's page of actions: what the command line does, with a reason, and blind until closing."""

import re

import pytest

from studyapp.services.ground.ledger import bodies
from tests.services.voting import cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.jobs_here import do_jobs

PAGE = "/console/actions"


def events(workspace, *kinds: str) -> list[dict]:
    with workspace.database.reading() as session:
        return list(bodies(session, *kinds))


def test_a_judge_is_withdrawn_with_a_reason_and_counted_again(olga, workspace):
    olga.get(PAGE)
    refused = olga.post(f"{PAGE}/withdraw", who="jude@example.org", reason="  ")
    assert refused.status_code == 409
    assert "the reason is empty" in refused.text
    assert olga.post(f"{PAGE}/withdraw", who="jude@example.org", reason="asked to").status_code == 302
    assert [event["reason"] for event in events(workspace, "withdrawn")] == ["asked to"]
    assert "judge01 is withdrawn" in olga.get(PAGE).text
    again = olga.post(f"{PAGE}/withdraw", who="jude@example.org", reason="twice")
    assert (again.status_code, "already out" in again.text) == (409, True)
    assert olga.post(f"{PAGE}/withdraw", who="jude@example.org", reason="back", undo="yes").status_code == 302
    assert len(events(workspace, "readmitted")) == 1


def test_teams_are_disqualified_down_to_two(olga, workspace):
    olga.get(PAGE)
    for team in ("team01", "team02"):
        assert olga.post(f"{PAGE}/disqualify", who=team, reason="late").status_code == 302
    refused = olga.post(f"{PAGE}/disqualify", who="team03", reason="late")
    assert (refused.status_code, "needs two teams" in refused.text) == (409, True)
    assert "no other can be disqualified" in olga.get(PAGE).text
    assert olga.post(f"{PAGE}/disqualify", who="team01", reason="was in time", undo="yes").status_code == 302
    assert [event["team"] for event in events(workspace, "reinstated")] == [1]


def test_unsealing_needs_a_tick_and_a_reason(olga, workspace):
    olga.get(PAGE)
    assert olga.post(f"{PAGE}/unseal", reason="the jury meets").status_code == 409
    assert events(workspace, "unsealed") == []
    assert olga.post(f"{PAGE}/unseal", reason="the jury meets", understood="on").status_code == 302
    assert [event["reason"] for event in events(workspace, "unsealed")] == ["the jury meets"]
    assert "Unseal now" not in olga.get(PAGE).text


def test_a_backup_can_be_downloaded_only_after_closing(olga, app, workspace):
    olga.get(PAGE)
    assert olga.post(f"{PAGE}/backup").status_code == 302
    assert do_jobs(app) == ["done"]
    (made,) = workspace.folders.backups.glob("*.zip")
    assert made.stat().st_mode & 0o077 == 0
    page = olga.get(PAGE).text
    assert made.name in page
    assert f'href="{PAGE}/backups' not in page
    assert olga.get(f"{PAGE}/backups/{made.name}").status_code == 409
    cast_all(workspace, "Jude", "June")
    close(workspace)
    assert f'href="{PAGE}/backups/{made.name}"' in olga.get(PAGE).text
    with olga.client.get(f"{PAGE}/backups/{made.name}") as answer:
        assert answer.data == made.read_bytes()
    assert olga.get(f"{PAGE}/backups/study.key").status_code == 404


def test_records_are_compared_and_a_loss_is_accepted_knowingly(olga, workspace):
    olga.get(PAGE)
    journal = workspace.folders.journal
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:-1]))
    page = olga.post(f"{PAGE}/records").text
    assert re.search(r"<dt>Lines added</dt><dd>1</dd>", page)
    assert "Everything that was acknowledged is in the database" in page
    stranger = lines[-1].replace('"hash":"', '"hash":"00')
    journal.write_text("".join(lines) + stranger)
    page = olga.post(f"{PAGE}/records").text
    assert "The database lacks events" in page
    refused = olga.post(f"{PAGE}/disqualify", who="team01", reason="late")
    assert (refused.status_code, events(workspace, "disqualified")) == (409, [])
    assert olga.post(f"{PAGE}/loss").status_code == 409
    assert olga.post(f"{PAGE}/loss", understood="on").status_code == 302
    assert len(events(workspace, "loss-accepted")) == 1
    assert olga.post(f"{PAGE}/disqualify", who="team01", reason="late").status_code == 302


@pytest.mark.parametrize("state", ["open", "closed"])
def test_the_page_says_nothing_of_who_made_what(olga, workspace, state):
    """Team names are no secret; which candidates are whose, and what was picked, is."""
    cast_all(workspace, "Jude", "June")
    if state == "closed":
        close(workspace)
    page = olga.get(PAGE).text
    assert "Toms team (team01)" in page
    assert "points" not in page
    assert ("Export the results again" in page) == (state == "closed")
