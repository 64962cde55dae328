"""Scripts and styles are kept for good under the address of their version, and only there."""

import re

import pytest

from studyapp.app import create_app
from studyapp.resources import resource_folder
from studyapp.web import static_files
from studyapp.web.modules import modules_of
from studyapp.web.security import HEADERS
from studyapp.web.static_files import static_path
from tests.sqlite_alone import database_url  # noqa: F401

FOR_GOOD = "public, max-age=31536000, immutable"
FILES = ("css/base.css", "js/pages/trial.js", "vendor/openseadragon.min.js")


@pytest.fixture
def updated(tmp_path, monkeypatch):
    """Run the next versions of the application from a copy of the files that a test may change."""
    folder = tmp_path / "static"
    for name in FILES[:2]:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes((resource_folder("static") / name).read_bytes())

    def again() -> None:
        static_files._files.cache_clear()
        static_files.version.cache_clear()

    monkeypatch.setattr(static_files, "resource_folder", lambda _: folder)
    again()
    yield folder, again
    monkeypatch.undo()
    again()


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]*/static/[^"]*)"', page)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_same_for_everybody_and_kept_for_good(jude, olga, eve, name):
    answers = []
    for person in (jude, olga, eve):
        answer = person.client.get(static_path(name), headers={"Accept-Language": "zh"})
        assert answer.data == (resource_folder("static") / name).read_bytes()
        assert answer.headers["Cache-Control"] == FOR_GOOD
        assert answer.mimetype == ("text/css" if name.endswith("css") else "text/javascript")
        assert not {"Set-Cookie", "Vary", "Last-Modified", "Content-Disposition"} & {*answer.headers.keys()}
        assert {header: answer.headers.get(header) for header in HEADERS} == HEADERS
        answers.append([pair for pair in answer.headers if pair[0] != "Date"])
    assert answers[0] == answers[1] == answers[2]


def test_a_page_and_all_that_it_imports_is_of_one_version(jude):
    page = addresses(jude.get(f"/judge/trial/{jude.trial()['trial']}").text)
    folder = static_path("")
    assert {*page} >= {static_path(name) for name in (*FILES, *modules_of("js/pages/trial.js"))}
    assert all(address.startswith(folder) for address in page)
    for address in page:
        assert jude.client.get(address).headers["Cache-Control"] == FOR_GOOD


def test_the_pages_before_the_first_image_ask_for_what_it_is_made_of(jude):
    trial = {*addresses(jude.get(f"/judge/trial/{jude.trial()['trial']}").text)}
    for path in ("/judge", "/judge/guidelines", "/judge/screen"):
        ahead = re.findall(r'rel="prefetch" href="([^"]+)"', jude.get(path).text)
        assert {*ahead} == trial - {static_path("css/base.css")}, path


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/css/base.css",
        static_path(""),
        static_path("nothing"),
        static_path("css"),
        static_path("../study.yaml"),
        static_path("../../pyproject.toml"),
        static_path("%2e%2e/%2e%2e/pyproject.toml"),
    ],
)
def test_there_is_nothing_else(eve, path):
    assert eve.client.get(path).status_code == 404


def test_a_page_that_was_open_during_an_update_goes_on_loading(updated, jude):
    folder, again = updated
    before = static_path(FILES[1])
    first = jude.client.get(before)
    (folder / FILES[1]).write_text("// another\n")
    again()

    answer = jude.client.get(before)
    assert (answer.status_code, answer.data) == (200, b"// another\n")
    assert answer.headers["Cache-Control"] == "no-cache"
    asked = {"If-None-Match": answer.headers["ETag"]}
    assert jude.client.get(before, headers=asked).status_code == 304
    stale = jude.client.get(before, headers={"If-None-Match": first.headers["ETag"]})
    assert (stale.status_code, stale.data) == (200, b"// another\n")

    assert static_path(FILES[1]) != before
    assert jude.client.get(static_path(FILES[1])).headers["Cache-Control"] == FOR_GOOD


def test_a_file_replaced_under_a_running_server_is_not_sent_under_the_old_version(updated, jude):
    """An update that is undone would else leave its files in browsers, under the address of the others."""
    folder, _ = updated
    was = (folder / FILES[0]).read_bytes()
    address = static_path(FILES[0])
    (folder / FILES[0]).write_text("/* half an update */\n")
    assert jude.client.get(address).data == was


def test_the_version_is_of_names_and_contents(updated):
    folder, again = updated
    seen = {static_files.version()}
    (folder / "js" / "more.js").write_text("")
    again()
    seen.add(static_files.version())
    (folder / "js" / "more.js").rename(folder / "js" / "other.js")
    again()
    seen.add(static_files.version())
    (folder / "js" / "other.js").unlink()
    again()
    assert static_files.version() in seen
    assert len(seen) == 3


@pytest.mark.parametrize("asked", ["", "/track1"])
def test_below_a_path(folder, links, asked):
    """Whether the proxy cuts the path off or not."""
    app = create_app(folder, path="/track1")
    client = app.test_client()
    page = addresses(client.get(f"{asked}/sign-in").text)
    assert page == [f"/track1{static_path('css/base.css')}"]
    answer = client.get(asked + page[0].removeprefix("/track1"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_GOOD)
    app.extensions["studyapp"].workspace.database.close()
    app.extensions["studyapp"].site.close()
