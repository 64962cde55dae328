"""Rehearsals with test judges, as often as one likes, and the freeze that comes with the first real judge."""

import json

import pytest
from click.testing import CliRunner
from PIL import Image as Picture
from sqlmodel import select

from studyapp.cli import main
from studyapp.core.judges_file import JudgeLine
from studyapp.db.tables import BallotEvent, Judge, LoginSession
from studyapp.db.triggers import missing_triggers
from studyapp.services.ground.studies import open_study
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people.invitations import invite_judges, live_link
from studyapp.services.people.rehearsing import clearing, start_over
from tests.conftest import NOW
from tests.services.voting import cast_all


def call(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def own(folder, monkeypatch):
    """Return the workspace on SQLite: commands leave connections to PostgreSQL to the process's end."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    opened = open_workspace(folder)
    yield opened
    opened.database.close()


@pytest.fixture
def root(own):
    """Tess and Theo rehearse, and are logged in; Tess has voted and Theo's link was revoked."""
    workspace, root = own, own.folders.root
    (root / "test.csv").write_text(
        "name,email,conflicts\nTess,tess@example.org,\nTheo,theo@example.org,team02\n"
    )
    call("invite", root, root / "test.csv", "--test", "--output", root / "test-links.csv")
    call("open", root)
    cast_all(workspace, "Tess")
    with workspace.database.writing() as session:
        link = live_link(session, token=token(root, "tess"))
        session.add(
            LoginSession(id="s", link_id=link.id, begun_at="a", used_at="b", address="127.0.0.1", device="")
        )
    call("invite", root, "--revoke", "theo@example.org")
    return root


def token(root, name: str) -> str:
    lines = (root / "test-links.csv").read_text().splitlines()
    return next(line for line in lines if f",{name}@" in line).rpartition("/")[2]


def alter(path) -> None:
    with Picture.open(path) as image:
        changed = image.convert("RGB")
    changed.putpixel((0, 0), (1, 2, 3))
    changed.save(path)


def test_a_changed_folder_is_rehearsed_again_with_the_same_links(root, own):
    workspace = own
    alter(root / "teams" / "team01" / "001.png")
    text = (root / "study.yaml").read_text()
    (root / "study.yaml").write_text(text.replace("team02, name: Second light", "team05, name: Fifth"))
    (root / "teams" / "team02").rename(root / "teams" / "team05")
    for _ in range(2):
        told = call("tile", root)
        alter(root / "teams" / "team03" / "001.png")
        assert "test judges start over" in told
        with workspace.database.reading() as session:
            judges = session.exec(select(Judge)).all()
            assert [(judge.name, json.loads(judge.conflicts)) for judge in judges] == [
                ("Tess", []),
                ("Theo", []),
            ]
            link = live_link(session, token=token(root, "tess"))
            assert session.exec(select(LoginSession.link_id)).all() == [link.id]
            assert session.exec(select(BallotEvent)).all() == []
        assert "Theo <theo@example.org> (test) (link revoked)" in call("status", root)
        assert "everything matches" in call("verify", root)
        assert json.loads(call("status", root, "--format", "json"))["state"] == "open"
        with workspace.database.engine.connect() as connection:
            assert missing_triggers(connection) == []
        cast_all(workspace, "Tess")
    assert (workspace.folders.var / "rehearsals" / "2" / "votes.jsonl").read_text().count('"chain":"test03"')


def test_starting_over_leaves_a_draft_that_nobody_voted_in(root, own):
    workspace = own
    call("close", root)
    results = ("exports", "anonymous", "forms", "team-sheets", "public", "published")
    for name in results:
        (root / "var" / name).mkdir()
        (root / "var" / name / "README.md").write_text(f"{name} of the rehearsal")
    assert "cleared 2 test judges" in call("start-over", root)
    kept = root / "var" / "rehearsals" / "1"
    assert set(results) <= {path.name for path in kept.iterdir()}
    assert not [name for name in results if (root / "var" / name).exists()]
    state = json.loads(call("status", root, "--format", "json"))
    assert (state["state"], state["judges"], state["commitment"]) == ("draft", [], None)
    assert "everything matches" in call("verify", root)
    (root / "judges.csv").write_text("name,email\nJude,jude@example.org\n")
    call("invite", root, root / "judges.csv")
    call("open", root)
    cast_all(workspace, "Jude")
    assert "nothing of theirs is ever deleted" in call("start-over", root, status=2)
    with workspace.database.reading() as session:
        assert len(session.exec(select(BallotEvent)).all()) > 0
    assert "everything matches" in call("verify", root)


def test_the_freeze_names_what_changed(root):
    (root / "judges.csv").write_text("name,email\nJude,jude@example.org\n")
    call("invite", root, root / "judges.csv")
    alter(root / "teams" / "team01" / "001.png")
    for path in [root / "input" / "003.png", *root.glob("teams/*/003.png")]:
        path.unlink()
    for path in [root / "input" / "002.png", *root.glob("teams/*/002.png")]:
        path.with_name("004.png").write_bytes(path.read_bytes())
    (root / "study.yaml").write_text((root / "study.yaml").read_text().replace("Spring", "Autumn"))
    told = call("tile", root, status=2)
    for change in (
        "study.yaml changed",
        "teams/team01/001.png changed",
        "input/003.png removed",
        "input/004.png added",
    ):
        assert change in told
    assert "and 2 more" in told
    assert len(told.splitlines()) == 1


def test_what_is_cleared_is_append_only_again(workspace):
    tess = JudgeLine("Tess", "tess@example.org", test=True)
    with workspace.database.writing() as session:
        invite_judges(session, workspace.key, [tess], now=NOW)
        open_study(session, now=NOW)
    cast_all(workspace, "Tess")
    with clearing(workspace) as (session, _):
        assert start_over(session) == 1
    with workspace.database.engine.connect() as connection:
        assert missing_triggers(connection) == []
    with workspace.database.reading() as session:
        assert session.exec(select(BallotEvent)).all() == []
