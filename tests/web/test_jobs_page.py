"""The console's pages of jobs: what an organiser sees of them, starts, cancels and repeats."""

import re

import pytest

from studyapp.services.jobs import queue
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401
from tests.web.jobs_here import do_jobs


@pytest.fixture
def database(app):
    return app.extensions["studyapp"].site.database


def rows(database) -> list[queue.JobView]:
    with database.reading() as session:
        return queue.jobs_of(session, "")


def test_a_job_is_asked_for_shown_cancelled_and_repeated(olga, database):
    olga.get("/console/jobs")
    assert olga.post("/console/jobs", kind="verify").status_code == 302
    (job,) = rows(database)
    assert (job.kind, job.state) == ("verify", "waiting")
    page = olga.get("/console/jobs").get_data(as_text=True)
    assert "Verify" in page
    assert f'hx-get="/console/jobs/{job.id}"' in page
    olga.post(f"/console/jobs/{job.id}/cancel")
    page = olga.get(f"/console/jobs/{job.id}").get_data(as_text=True)
    assert "cancelled before it began" in page
    assert "hx-get" not in page
    olga.post(f"/console/jobs/{job.id}/again")
    assert [found.state for found in rows(database)] == ["waiting", "cancelled"]


def test_a_running_job_says_how_far_it_is_and_refreshes_itself(olga, database):
    with database.writing() as session:
        queue.ask(session, "", "tile", {}, by="Olga", now=NOW)
        held = queue.claim(session, "w1", now=NOW)
        queue.beat(session, held, now=NOW, progress=("tile", 120, 600))
    part = olga.client.get(f"/console/jobs/{held.id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "tiling 120 of 600" in part
    assert 'max="600" value="120"' in part
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    with database.writing() as session:
        queue.fail(session, held, {"error": "001.png: cannot be read"}, now=NOW, log="what it printed")
    part = olga.client.get(f"/console/jobs/{held.id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "001.png: cannot be read" in part
    assert "hx-get" not in part
    assert "what it printed" in olga.get(f"/console/jobs/{held.id}").get_data(as_text=True)


def test_what_came_of_a_check_is_a_table(olga, database):
    problem = {
        "path": "teams/team01/001.png",
        "what": "is <b>60</b> wide",
        "remedy": "make it 64",
        "line": None,
    }
    with database.writing() as session:
        queue.ask(session, "", "check", {}, by="Olga", now=NOW)
        held = queue.claim(session, "w1", now=NOW)
        queue.finish(session, held, {"problems": [problem], "errors": 1, "warnings": 0}, now=NOW)
    page = olga.get(f"/console/jobs/{held.id}").get_data(as_text=True)
    assert re.search(r"<td>teams/team01/001.png</td><td>is &lt;b&gt;60&lt;/b&gt; wide</td>", page)


def test_jobs_of_another_study_and_unknown_kinds_are_not_found(olga, database):
    with database.writing() as session:
        other = queue.ask(session, "track2", "tile", {}, by="Otto", now=NOW)
    olga.get("/console/jobs")
    assert olga.get(f"/console/jobs/{other.id}").status_code == 404
    assert olga.post(f"/console/jobs/{other.id}/cancel").status_code == 404
    assert olga.post(f"/console/jobs/{other.id}/again").status_code == 404
    assert olga.post("/console/jobs", kind="import").status_code == 404
    assert [job.state for job in rows(database)] == []


def test_a_page_that_shows_what_came_of_a_job_is_loaded_again_at_its_end(app, olga):
    olga.get("/console/jobs")
    olga.post("/console/jobs", kind="check")
    asks = {"HX-Request": "true"}
    waiting = olga.client.get("/console/jobs/1?then=reload", headers=asks)
    assert ("HX-Refresh" in waiting.headers, "then=reload" in waiting.text) == (False, True)
    do_jobs(app)
    assert olga.client.get("/console/jobs/1?then=reload", headers=asks).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in olga.client.get("/console/jobs/1", headers=asks).headers
