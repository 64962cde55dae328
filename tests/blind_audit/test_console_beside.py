"""The console beside the judges: open in the same browser, closed to judges; alone and in a site."""

import re
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from flask import Flask

from studyapp.blind_audit.copying import NEIGHBOUR
from studyapp.blind_audit.evidence import Truth
from studyapp.blind_audit.report import AuditReport
from studyapp.blind_audit.run import blind_audit
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.ground.site import init_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations, sign_in_links
from studyapp.web import permissions
from tests.blind_audit import planting
from tests.blind_audit.planting import Answer, planted
from tests.conftest import CAST, NOW

CONNY = JudgeLine("Conny", "conny@example.org", ("team02",))
TESS = JudgeLine("Tess", "tess@example.org", test=True)

OF_JUDGES = ("/judge", "/api/", "/t/", "/j/")
OF_THE_CONSOLE = (
    "/console",
    "/console/images",
    "/console/teams",
    "/console/judges",
    "/console/live",
    "/console/rules",
    "/console/regions/001",
    "/console/regions/001/t/0/0_0",
    "/console/actions",
    "/console/jobs",
    "/console/mail/reminder",
    "/accounts",
)
EVERY = 23
"""Before one in so many requests of judges an organiser opens a page."""


@pytest.fixture
def one_judge_pries():
    """Let judges of each kind ask for what is not for them."""


@pytest.fixture
def study(folder, monkeypatch) -> Path:
    """An open study with a judge, one with a conflict, and a test judge."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, (CAST[0], CONNY, TESS), now=NOW)
        studies.open_study(session, now=NOW)
    workspace.database.close()
    return folder


class Beside:
    """An organiser in the judge's browser, who opens pages in Chinese meanwhile; the cookie goes with all."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}
        self.texts: list[str] = []
        self.spoken: set[bytes] = set()

    def __call__(self, app: Flask, truth: Truth) -> Callable:
        with app.extensions["studyapp"].site.database.writing() as session:
            token = sign_in_links.owner_link(session, now=NOW)
        olga = app.test_client()
        answer = olga.get(f"/o/{token}")
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        pages, count = cycle(OF_THE_CONSOLE), cycle(range(EVERY))

        def application(environ, start_response):
            if not environ["PATH_INFO"].startswith(OF_JUDGES):
                return app(environ, start_response)
            if next(count) == 0:
                page = next(pages)
                opened = olga.get(page, headers={"Accept-Language": "zh"})
                self.seen[page] = opened.status_code
                if opened.mimetype == "text/html":
                    self.texts.append(opened.text)
            environ["HTTP_COOKIE"] = "; ".join(filter(None, [environ.get("HTTP_COOKIE"), cookie]))
            return self._noted(app(environ, start_response))

        return application

    def _noted(self, body):
        for part in body:
            self.spoken.update(re.findall(rb'<html lang="([^"]+)"', part))
            yield part


def findings(report: AuditReport) -> dict[str, tuple[str, ...]]:
    return {outcome.channel: outcome.findings for outcome in report.outcomes if not outcome.passed}


def test_an_organiser_in_the_judges_browser_opens_nothing_to_judges_pages(study):
    beside = Beside()
    report = blind_audit(study, tiles=0, wrap=beside)
    assert findings(report) == {}
    assert report.judges == 3
    assert beside.seen == dict.fromkeys(OF_THE_CONSOLE, 200)
    assert any("Third eye" in text for text in beside.texts)
    assert all('<html lang="zh-Hans"' in text for text in beside.texts)
    assert beside.spoken == {b"en"}


def at(path: str, change: Callable[[Answer], None]) -> planting.Plant:
    """Plant something in what is answered at one address."""

    def plant(answer: Answer) -> None:
        if answer.path == path:
            change(answer)

    return plant


def opened(answer: Answer) -> None:
    """Let a judge see what is not for judges."""
    answer.status = 200
    answer.write("<p>a page</p>")


def slow(answer: Answer) -> None:
    planting.CLOCK.take(0.008)


def test_each_leak_of_the_console_is_found(study, monkeypatch):
    monkeypatch.setitem(permissions.PERMISSIONS, "console.regions.tile", permissions.a_judge)
    open_to_judges = (
        "/console/images/picture",
        "/console/live",
        "/console/jobs/1",
        "/console/uploads/nothing",
        "/accounts",
        "/metrics",
    )
    plants = [
        *(at(path, opened) for path in open_to_judges),
        at("/console/ranking/team02", lambda a: a.write("no ranking of this team yet")),
        at("/console/ranking/team01", slow),
        at("/readyz", lambda a: a.write(a.body + b'{"waits for": "team03"}')),
    ]
    found = findings(blind_audit(study, tiles=0, wrap=planted(*plants)))
    assert found.keys() == {"refusals", "refusals-alike", "response-times", "team-ids"}
    said = {channel: "\n".join(lines) for channel, lines in found.items()}
    assert [path for path in open_to_judges if f" {path}" not in said["refusals"]] == []
    assert "/console/regions/001/t/0/0_0 (200" in said["refusals"]
    for judge in ("judge01", "judge02", "test01"):
        assert f"/console/live (200, {judge})" in said["refusals"]
    assert "/console/ranking/team02 " in said["refusals-alike"]
    assert "refusal of team team01" in said["response-times"]
    assert "/readyz " in said["team-ids"]


@pytest.fixture
def in_a_site(study, tmp_path) -> Path:
    """The study as track1 of a site."""
    init_site(tmp_path / "site")
    return study.rename(tmp_path / "site" / "studies" / "track1")


def test_a_study_of_a_site_passes_and_its_judges_are_strangers_to_the_others(in_a_site):
    before = sorted(path.name for path in in_a_site.parent.parent.rglob("*"))
    report = blind_audit(in_a_site, tiles=0)
    assert findings(report) == {}
    assert report.judges == 3
    assert sorted(path.name for path in in_a_site.parent.parent.rglob("*")) == before


@pytest.mark.slow  # an honest site is audited in the short run
def test_a_leak_around_a_study_of_a_site_is_found(in_a_site):
    paths = (f"/s/{NEIGHBOUR}/judge", f"/s/{NEIGHBOUR}/console/teams", "/accounts", "/s/track1/console/live")

    def foreign(answer: Answer) -> None:
        if answer.path.startswith(f"/s/{NEIGHBOUR}/t/") and "xxxx" not in answer.path:
            answer.write("another study's tile")

    telling = at("/readyz", lambda a: a.write(a.body + b'{"waits for": "team03"}'))
    plants = [*(at(path, opened) for path in paths), foreign, telling]
    found = findings(blind_audit(in_a_site, tiles=0, wrap=planted(*plants)))
    assert found.keys() == {"refusals", "refusals-alike", "team-ids"}
    assert [path for path in paths if not any(f" {path} " in line for line in found["refusals"])] == []
    assert any(f"/s/{NEIGHBOUR}/t/" in line for line in found["refusals-alike"])
