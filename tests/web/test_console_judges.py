"""The console's pages of judges: inviting, links, mail, rehearsing, two organisers at once."""

import csv
import io
import re
from html import unescape

import pytest
from sqlmodel import select

from studyapp.db.tables import Judge, Trial, TrialSlot
from studyapp.errors import StudyStateError
from studyapp.services.ground.studies import the_study
from studyapp.services.jobs.queue import jobs_of
from studyapp.services.people.rehearsing import start_over
from studyapp.services.results.verifying import verify_study
from tests.services.voting import cast
from tests.sqlite_alone import database_url  # noqa: F401 (nothing here differs between databases)

LINK = re.compile(r"http://localhost/j/[\w-]{20,}")


@pytest.fixture(scope="session")
def opened_folder() -> None:
    """Begin with a draft."""


@pytest.fixture
def links(workspace) -> dict[str, str]:
    """Leave the study a draft without judges."""
    return {}


def links_of(page: str) -> list[str]:
    return list(dict.fromkeys(LINK.findall(page)))


def invite(olga, **more: object):
    olga.get("/console/invite")
    return olga.post("/console/invite", **{"name": "Jude", "email": "jude@example.org"} | more)


def upload(olga, data: bytes, name: str = "judges.csv"):
    olga.get("/console/invite")
    return olga.post("/console/invite/list", list=(io.BytesIO(data), name))


def test_a_judge_is_invited_by_hand_and_the_link_works_once_shown(olga, browser):
    page = invite(olga, conflicts=["team02"]).text
    (link,) = links_of(page)
    judge = browser()
    assert judge.client.get(link.removeprefix("http://localhost")).status_code == 302
    assert link not in olga.get("/console/judges").text
    one = olga.get("/console/judges/1").text
    assert "Second light" in one


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"email": "jude"}, "is not an e-mail address"),
        ({"name": " "}, "the name is empty"),
        ({"conflicts": ["team01", "team02"]}, "a trial needs"),
    ],
)
def test_a_form_that_is_wrong_says_why_and_keeps_what_was_typed(olga, workspace, more, why):
    answer = invite(olga, **more)
    assert answer.status_code == 422
    assert why in unescape(answer.text)
    if "name" not in more:
        assert 'value="Jude"' in answer.text
    with workspace.database.reading() as session:
        assert session.get(Judge, 1) is None


def test_a_list_is_shown_before_anybody_is_invited(olga, workspace):
    shown = upload(olga, "Name;E-Mail;Conflicts\nJürgen;j@example.org;team01\n\n王;w@example.org\n".encode())
    preview = olga.get(shown.headers["Location"])
    assert "Jürgen" in preview.text
    with workspace.database.reading() as session:
        assert session.get(Judge, 1) is None
    page = olga.post(shown.headers["Location"]).text
    assert len(links_of(page)) == 2
    assert olga.get(shown.headers["Location"]).status_code == 404, "the list is forgotten"
    assert list((workspace.folders.var / "lists").iterdir()) == []


def test_every_problem_of_a_list_is_named_with_its_row_and_nobody_is_invited(olga, workspace):
    shown = upload(olga, b"name,email\nJude,jude@example.org\n,june@example.org\nJim,jim at home\n")
    preview = unescape(olga.get(shown.headers["Location"]).text)
    assert "Row 3: the name is empty" in preview
    assert "Row 4: 'jim at home' is not an e-mail address" in preview
    assert olga.post(shown.headers["Location"]).status_code == 422
    with workspace.database.reading() as session:
        assert session.get(Judge, 1) is None


def test_the_organiser_confirms_the_letters(olga):
    shown = upload(olga, "name,email\nЕлена,elena@example.org\n".encode("cp1251"))
    address = shown.headers["Location"]
    assert "Елена" not in olga.get(address).text
    assert "Елена" in olga.get(f"{address}&letters=cp1251").text


@pytest.mark.parametrize(
    "address", ["/console/invite/list/" + "0" * 32, "/console/invite/list/..%2Fstudy.key"]
)
def test_a_list_that_is_not_there_is_not_found(olga, address):
    assert olga.get(address).status_code == 404


def test_links_are_downloaded_merged_and_printed(olga):
    page = upload(olga, b"name,email\nJude,jude@example.org\n=June,june@example.org\n")
    olga.get(page.headers["Location"])
    page = olga.post(page.headers["Location"]).text
    text = unescape(re.search(r'name="links" value="([^"]+)"', page)[1])
    rows = list(csv.reader(io.StringIO(olga.post("/console/links/links.csv", links=text).text)))
    assert rows[0] == ["name", "email", "link"]
    assert [row[2] for row in rows[1:]] == links_of(page)
    assert rows[2][0] == "'=June", "no spreadsheet runs a name"
    merged = olga.post("/console/links/mail-merge.csv", links=text).get_data().decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(merged)))["study"] == "Spring study"
    sheet = olga.post("/console/links/sheet", links=text).text
    assert sheet.count('class="strip"') == 2


def test_inviting_someone_again_makes_no_new_link(olga):
    invite(olga)
    answer = invite(olga, email="JUDE@example.org")
    assert answer.status_code == 409
    assert "invited already" in answer.text


def test_a_deadline_is_shown_to_judges_before_and_after_invitations(olga, browser):
    (link,) = links_of(invite(olga).text)
    page = olga.get("/console/judges").text
    form = {"day": "2026-05-31", "time": "18:00", "zone": "Asia/Shanghai"}
    shown = re.search(r'name="revision" value="(\w+)"', page)[1]
    assert olga.post("/console/judges/deadline", revision=shown, **form).status_code == 302
    judge = browser()
    judge.client.get(link.removeprefix("http://localhost"))
    told = judge.get("/judge").text
    assert "2026-05-31 18:00 (Asia/Shanghai)" in told
    assert 'datetime="2026-05-31T10:00:00.000Z"' in told


def test_the_second_of_two_organisers_sees_both_versions(olga):
    page = olga.get("/console/judges").text
    shown = re.search(r'name="revision" value="(\w+)"', page)[1]
    olga.post("/console/judges/deadline", revision=shown, day="2026-05-31", time="18:00", zone="UTC")
    late = olga.post("/console/judges/deadline", revision=shown, day="2026-06-30", time="12:00", zone="UTC")
    assert late.status_code == 409
    assert "2026-06-30 12:00 (UTC)" in late.text
    assert "2026-05-31 18:00 (UTC)" in late.text
    assert "2026-05-31 18:00 (UTC)" in olga.get("/console/judges").text


def test_a_deadline_that_is_none_is_refused_in_words(olga):
    page = olga.get("/console/judges").text
    shown = re.search(r'name="revision" value="(\w+)"', page)[1]
    answer = olga.post("/console/judges/deadline", revision=shown, day="2026-05-31", zone="Middle Earth")
    assert answer.status_code == 422
    assert "is not a time zone" in answer.text


def test_without_a_server_of_mail_the_page_says_so(olga):
    invite(olga)
    page = olga.get("/console/mail/invitation").text
    assert "STUDYAPP_SMTP_URL is not set" in page
    assert "Send links by mail" not in olga.get("/console/judges").text


def test_a_rehearsal_is_cleared_from_the_page_while_the_study_is_served(olga, workspace):
    olga.get("/console/rehearsal")
    page = olga.post("/console/rehearsal/preview").text
    assert len(links_of(page)) == 1
    olga.post("/console/rehearsal/open")
    cast(workspace, "Preview", 1, 1, 2, 3)
    assert "Nothing was cleared" in olga.post("/console/rehearsal/start-over").text
    assert olga.post("/console/rehearsal/start-over", understood="yes").status_code == 302
    with workspace.database.reading() as session:
        assert the_study(session).state == "draft"
        assert session.get(Judge, 1) is None
    assert (workspace.folders.var / "rehearsals" / "1" / "votes.jsonl").exists()
    page = olga.post("/console/rehearsal/preview").text
    assert len(links_of(page)) == 1, "and again"
    with workspace.database.reading() as session:
        assert [item for item in verify_study(session, workspace) if item.verdict == "wrong"] == []


def test_nothing_of_judges_who_count_is_ever_cleared(olga, workspace):
    invite(olga)
    olga.get("/console/rehearsal")
    answer = olga.post("/console/rehearsal/start-over", understood="yes")
    assert answer.status_code == 409
    with workspace.database.writing() as session, pytest.raises(StudyStateError):
        start_over(session)
    with workspace.database.reading() as session:
        assert session.get(Judge, 1)


def test_tiles_of_a_cleared_rehearsal_are_nobodys(olga, app, workspace):
    olga.get("/console/rehearsal")
    olga.post("/console/rehearsal/preview")
    with workspace.database.reading() as session:
        token, judge = session.exec(select(TrialSlot.token, Trial.judge_id).join(Trial)).first()
    tiles = app.extensions["studyapp"].tiles
    assert tiles.tile(judge, token, 0, 0, 0)
    olga.post("/console/rehearsal/start-over", understood="yes")
    assert tiles.tile(judge, token, 0, 0, 0) is None


@pytest.mark.parametrize(
    "path", ["/console/invite", "/console/judges/1", "/console/mail/reminder", "/console/rehearsal"]
)
def test_judges_get_none_of_these_pages(olga, browser, path):
    (link,) = links_of(invite(olga).text)
    judge = browser()
    judge.client.get(link.removeprefix("http://localhost"))
    assert judge.get(path).status_code == 404


def test_sending_is_a_job_that_names_judges_and_no_link(olga, app, monkeypatch):
    monkeypatch.setenv("STUDYAPP_SMTP_URL", "smtp://localhost")
    monkeypatch.setenv("STUDYAPP_MAIL_FROM", "olga@example.org")
    invite(olga)
    page = olga.get("/console/mail/invitation").text
    shown = re.search(r'name="revision" value="(\w+)"', page)[1]
    text = {"revision": shown, "subject": "Judge {study}", "text": "{name}: {link}", "send": "yes"}
    assert olga.post("/console/mail/invitation", to="1", **text).status_code == 302
    state = app.extensions["studyapp"]
    with state.site.database.reading() as session:
        (job,) = jobs_of(session, state.study, 10)
    assert job.kind == "mail"
    assert job.arguments["judges"] == [1]
    assert job.arguments["base"] == "http://localhost/j/"
    late = olga.post("/console/mail/invitation", to="1", **text)
    assert late.status_code == 409, "the text has changed since that page was shown"


def test_a_mail_to_nobody_or_with_a_wrong_text_is_refused_in_words(olga, monkeypatch):
    monkeypatch.setenv("STUDYAPP_SMTP_URL", "smtp://localhost")
    monkeypatch.setenv("STUDYAPP_MAIL_FROM", "olga@example.org")
    invite(olga)
    page = olga.get("/console/mail/reminder").text
    shown = re.search(r'name="revision" value="(\w+)"', page)[1]
    answer = olga.post(
        "/console/mail/reminder", revision=shown, subject="Hello", text="Dear {nmae}", send="yes"
    )
    assert answer.status_code == 422
    assert "{nmae} means nothing here" in answer.text
    answer = olga.post(
        "/console/mail/reminder", revision=shown, subject="Hello", text="Dear {name}", send="yes"
    )
    assert answer.status_code == 422
    assert "Nobody is chosen" in answer.text
