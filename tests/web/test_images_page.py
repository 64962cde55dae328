"""The pages of images and teams: from what teams sent to a folder in order; remedies delete nothing."""

import html
import io
import json
import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import col, select

from analysis.files import file_sha256
from studyapp.app import create_app
from studyapp.db.site_tables import Job
from studyapp.services.ground.workspace import begin_study, init_folder
from studyapp.services.jobs import queue
from studyapp.services.people import invitations
from studyapp.study.study_file import load_study_file
from tests.accounts import owner_token
from tests.conftest import CAST, IMAGES, NOW, write_study
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.conftest import Browser
from tests.web.jobs_here import do_jobs
from tests.web.test_uploads import Sender

ALL = ("000", *IMAGES)
NEWCOMERS = "team:teams/Newcomers"
OTHERS = (
    "../made/input/001.png",
    "/etc/passwd",
    "var/study.key",
    "var/x.png",
    "study.yaml",
    "input/none.png",
)


def zipped(files: Mapping[str, Path | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.read_bytes())
    return target.getvalue()


@pytest.fixture
def made(tmp_path) -> Path:
    return write_study(tmp_path / "made", size=(24, 16))


@pytest.fixture
def app(tmp_path, database_url):  # noqa: F811
    """Return the application of a draft without images."""
    root = tmp_path / "draft"
    init_folder(root, title="Draft", with_teams=False)
    begin_study(root)
    app = create_app(root)
    app.testing = True
    yield app
    app.extensions["studyapp"].close()


@pytest.fixture
def root(app) -> Path:
    return app.extensions["studyapp"].workspace.folders.root


@pytest.fixture
def olga(app, root) -> Browser:
    person = Browser(app.test_client())
    person.get(f"/o/{owner_token(root)}")
    return person


@pytest.fixture
def upload(olga):
    def send(name: str, data: bytes) -> str:
        sender = Sender(olga)
        path = sender.create(len(data), name).headers["Location"]
        assert sender.add(path, 0, data).status_code == 204
        return path.rpartition("/")[2]

    return send


def run_jobs(app) -> list[dict]:
    """Do every job that waits; return what came of each."""
    count, state = len(do_jobs(app)), app.extensions["studyapp"]
    with state.site.database.reading() as session:
        return [job.result for job in queue.jobs_of(session, state.study, count)]


def page_of(olga) -> str:
    page = olga.get("/console/images")
    assert page.status_code == 200
    return page.text


def work(olga, app, kind: str) -> dict:
    page_of(olga)
    assert olga.post("/console/images/work", kind=kind).status_code == 302
    [result] = run_jobs(app)
    return result


def buttons(olga) -> set[tuple[str, str]]:
    """Return what the page offers to put right: in the row of which folder, and which remedy."""
    return {
        (folder, key)
        for folder, row in re.findall(
            r'<th scope="row"><code>(.*?)</code>(.*?)</tr>', page_of(olga), re.DOTALL
        )
        for key in re.findall(r'name="remedy" value="(.*?)"', row)
    }


def reword(app) -> None:
    """Say what the last check found in words that mean nothing."""
    with app.extensions["studyapp"].site.database.writing() as session:
        job = session.exec(select(Job).order_by(col(Job.id).desc())).first()
        result = json.loads(job.result)
        reworded = [problem | {"what": "x", "remedy": "x"} for problem in result["problems"]]
        job.result = json.dumps(result | {"problems": reworded})


def team_zip(made: Path, team: str, pattern: str) -> bytes:
    return zipped({pattern.format(image=image): made / "teams" / team / f"{image}.png" for image in ALL})


def test_zips_with_mistakes_become_a_study(app, root, olga, upload, made):
    assert "No images yet" in page_of(olga)
    for image in ALL:
        upload(f"LR/{image}.png", (made / "input" / f"{image}.png").read_bytes())
    upload("AlphaNet.zip", team_zip(made, "team01", "results/{image}_restored.png"))
    outer = {f"{name}.zip": team_zip(made, team, "{image}x4.PNG") for team, name in
             (("team02", "第二队"), ("team03", "Gamma"))}  # fmt: skip
    upload("the others.zip", zipped(outer | {"__MACOSX/._a": b"x", "readme.txt": b"x"}))
    page = page_of(olga)
    assert "Take out its 2 zips" in page
    assert olga.post("/console/images/decide", action="apart", item="the others.zip").status_code == 302
    page = page_of(olga)
    assert "taken apart" in page
    assert "3 new teams are added to study.yaml: AlphaNet, Gamma, 第二队." in page
    assert "Copy 16 images into the study" in page
    sent = olga.client.get("/console/images/picture?source=AlphaNet.zip&path=results/001_restored.png")
    assert Image.open(io.BytesIO(sent.data)).size == (24, 16)
    assert work(olga, app, "import")["copied"] == 16
    assert work(olga, app, "check")["errors"] == 0
    assert {team.name for team in load_study_file(root / "study.yaml").teams} == {
        "AlphaNet",
        "第二队",
        "Gamma",
    }
    assert "16 images are in the study already" in page_of(olga)
    assert work(olga, app, "tile")["images"] == 4
    assert "Continue with the judges" in page_of(olga)


def test_a_job_that_runs_again_copies_nothing_twice(app, root, olga, upload, made):
    upload("input.zip", team_zip(made, "team01", "{image}.png"))
    upload("AlphaNet.zip", team_zip(made, "team02", "{image}.png"))
    first, again = work(olga, app, "import"), work(olga, app, "import")
    assert (first["copied"], again["copied"], again["there"]) == (8, 0, 8)


def test_remedies_say_what_they_do_and_delete_nothing(app, root, olga, made):
    shutil.copytree(made, root, dirs_exist_ok=True)
    teams = root / "teams"
    (teams / "team01" / "results").mkdir()
    for image in ALL:
        (teams / "team01" / f"{image}.png").rename(teams / "team01" / "results" / f"{image}_x.png")
        (teams / "team02" / f"{image}.png").rename(teams / "team02" / f"{image}x4.png")
    (teams / "team03" / "001.png").rename(teams / "team03" / "001.PNG")
    shutil.copytree(teams / "team04", teams / "Newcomers")
    before = sorted(file_sha256(path) for path in root.rglob("*") if path.suffix.lower() == ".png")
    assert work(olga, app, "check")["errors"] > 0
    page = page_of(olga)
    for words in (
        "Take the images out of results/",
        "Rename 4 files by their pattern",
        "Write the extension of 1 file in small letters",
        "Add the team Newcomers to study.yaml",
        "001x4.png → 001.png",
    ):
        assert words in page, words
    expected = {
        ("teams/team01", "flatten:teams/team01/results"),
        ("teams/team01/results", "flatten:teams/team01/results"),
        ("teams/team02", "rename:teams/team02"),
        ("teams/team03", "rename:teams/team03/*"),
        (NEWCOMERS.removeprefix("team:"), NEWCOMERS),
    }
    assert buttons(olga) == expected
    reword(app)
    assert buttons(olga) == expected  # found by what is wrong, not by how it is said
    checked = {}
    for key in sorted({key for _, key in expected}):
        assert olga.post("/console/images/remedy", remedy=key).status_code == 302
        [checked] = run_jobs(app)
    assert checked["errors"] == 0, checked
    after = sorted(file_sha256(path) for path in root.rglob("*") if path.suffix.lower() == ".png")
    assert {*before} == {*after}
    assert (root / "set-aside" / "teams" / "team02" / "001x4.png").exists()
    assert olga.post("/console/images/remedy", remedy="rename:teams/team02").status_code == 404


def test_a_zip_is_given_to_a_team_left_out_and_removed(app, root, olga, upload, made):
    shutil.copytree(made, root, dirs_exist_ok=True)
    shutil.rmtree(root / "teams" / "team02")
    name = "final v2 (1).zip"
    upload(name, b"an earlier one")
    upload(name, team_zip(made, "team02", "{image}.png"))
    page_of(olga)
    olga.post("/console/images/decide", item=name, team="team02")
    page = page_of(olga)
    assert "Second light" in page
    assert "Copy 4 images into the study" in page
    olga.post("/console/images/decide", item=name, action="leave")
    assert "Copy 4 images" not in page_of(olga)
    olga.post("/console/images/decide", item=name, action="remove")
    assert "final v2" not in page_of(olga)
    assert not list(app.extensions["studyapp"].site.uploads.iterdir())


def test_a_hostile_zip_is_named_and_the_page_stays(app, olga, upload):
    upload("evil.zip", zipped({"../001.png": b"x"}))
    page = page_of(olga)
    assert "leads out of the archive" in page
    assert "evil.zip" in page


def test_pictures_are_of_the_studys_images_alone(root, olga, made):
    shutil.copytree(made, root, dirs_exist_ok=True)
    shutil.copy(root / "input" / "001.png", root / "var" / "x.png")
    for path in OTHERS:
        assert olga.client.get("/console/images/picture", query_string={"path": path}).status_code == 404
    assert olga.client.get("/console/images/picture?path=input/001.png").mimetype == "image/webp"


def test_a_folder_of_the_server_only_below_the_place_for_it(app, root, olga, made, tmp_path, monkeypatch):
    shutil.copytree(made / "input", root / "input", dirs_exist_ok=True)
    place = tmp_path / "incoming"
    shutil.copytree(made / "teams", place / "spring" / "teams")
    (place / "elsewhere").symlink_to(made)
    assert "Or a folder on the server" not in page_of(olga)
    monkeypatch.setenv("STUDYAPP_IMPORT_DIR", str(place))
    page = page_of(olga)
    assert "spring" in page
    assert "elsewhere" not in page
    for name in ("elsewhere", "..", "../draft", "/etc"):
        assert "there is no folder" in olga.get(f"/console/images?folder={name}").text
    assert "Copy 16 images into the study" in olga.get("/console/images?folder=spring").text
    assert olga.post("/console/images/work", kind="import", folder="spring").status_code == 302
    [result] = run_jobs(app)
    assert result["copied"] == 16


def test_teams_are_edited_and_the_second_of_two_sees_the_conflict(app, root, olga, made):
    shutil.copytree(made, root, dirs_exist_ok=True)
    page = olga.get("/console/teams").text
    shown = page.split('name="revision" value="')[1].split('"')[0]
    first = {"name": "Tom's new team", "members": "Tom\nTina", "affiliations": "Example University"}
    assert olga.post("/console/teams/team01", revision=shown, **first).status_code == 302
    second = olga.post("/console/teams/team01", revision=shown, name="Other", members="", affiliations="")
    assert second.status_code == 409
    assert "Tom&#39;s new team" in second.text
    assert "Other" in second.text
    file = load_study_file(root / "study.yaml")
    assert (file.teams[0].name, file.teams[0].members) == ("Tom's new team", ("Tom", "Tina"))
    shown = olga.get("/console/teams").text.split('name="revision" value="')[1].split('"')[0]
    assert olga.post("/console/teams/team04", revision=shown, action="remove").status_code == 302
    assert (root / "set-aside" / "teams" / "team04" / "001.png").exists()
    assert len(load_study_file(root / "study.yaml").teams) == 3
    assert olga.post("/console/teams", name="第五队").status_code == 302
    assert load_study_file(root / "study.yaml").teams[-1].name == "第五队"
    assert olga.post("/console/teams", name="第五队").status_code == 422


def tell(app, **finding) -> None:
    """Say that the last check found this."""
    with app.extensions["studyapp"].site.database.writing() as session:
        job = session.exec(select(Job).order_by(col(Job.id).desc())).first()
        row = {"what": "x", "remedy": "x", "line": None, "severity": "warning", "other": None, "mark": None}
        job.result = json.dumps({"problems": [row | finding], "errors": 0, "warnings": 1})


def test_a_finding_has_a_picture_until_judges_are_invited(app, root, olga, made):
    shutil.copytree(made, root, dirs_exist_ok=True)
    work(olga, app, "tile")
    work(olga, app, "check")
    tell(app, path="teams/team02", kind="copy", images=IMAGES, other="team03")
    page = page_of(olga)
    [address] = re.findall(r'src="([^"]+/images/finding[^"]+)"', page)
    teams = {team.id: team.name for team in load_study_file(root / "study.yaml").teams}
    assert f"Image 001: <bdi>{teams['team03']}</bdi> · <bdi>{teams['team02']}</bdi> · <bdi>Difference" in page
    address = html.unescape(address)
    picture = olga.client.get(address)
    assert Image.open(io.BytesIO(picture.data)).size == (3 * 192 + 2 * 8, 192)
    for wrong in ("number=0", "image=0", "job="):
        assert olga.client.get(address.replace(wrong, f"{wrong}9")).status_code == 404
    (root / "teams" / "team03" / "001.png").write_bytes(b"no image")
    assert olga.client.get(address).mimetype == "image/webp"
    (root / "teams" / "team03" / "001.png").unlink()
    assert olga.client.get(address).status_code == 404
    assert "/images/finding" not in page_of(olga)
    shutil.copytree(made, root, dirs_exist_ok=True)
    state = app.extensions["studyapp"]
    with state.workspace.database.writing() as session:
        invitations.invite_judges(session, state.workspace.key, CAST, now=NOW)
    assert "/images/finding" not in page_of(olga)
    assert olga.client.get(address).status_code == 404


def test_after_the_first_invitation_there_are_counts_only(app, root, olga, made):
    shutil.copytree(made, root, dirs_exist_ok=True)
    work(olga, app, "tile")
    state = app.extensions["studyapp"]
    with state.workspace.database.writing() as session:
        invitations.invite_judges(session, state.workspace.key, CAST, now=NOW)
    page = page_of(olga)
    assert "no longer change" in page
    assert "picture?" not in page + olga.get("/console/teams").text
    assert olga.client.get("/console/images/picture?path=teams/team01/001.png").status_code == 404
    for path, form in (
        ("/console/images/work", {"kind": "import"}),
        ("/console/images/remedy", {"remedy": "x"}),
        ("/console/teams", {"name": "Late"}),
        ("/console/teams/team01", {"action": "remove"}),
    ):
        assert olga.post(path, **form).status_code == 409, path
