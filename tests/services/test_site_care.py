"""A whole site in one backup, checked by one command, moved by another: every study stays what it is."""

import json
import shutil
import zipfile
from contextlib import closing

import pytest
from click.testing import CliRunner
from sqlmodel import select

from studyapp.app import create_app
from studyapp.cli import main
from studyapp.db.site_tables import Account, AccountSession, Job
from studyapp.errors import StudyError
from studyapp.services.care.backups import restore
from studyapp.services.care.moving import migrate
from studyapp.services.care.site_backups import back_up_site, restore_site
from studyapp.services.ground import studies
from studyapp.services.ground.ledger import digest_now
from studyapp.services.ground.site import open_site
from studyapp.services.ground.workspace import init_folder, open_workspace
from studyapp.services.people import invitations
from studyapp.study.site_file import SITE_FILE
from tests.conftest import CAST, NOW
from tests.services.test_backups import empty_postgres
from tests.services.voting import cast_all

AT = "2026-03-01T12:00:00.000Z"


@pytest.fixture(scope="module")
def made_site(tiled_folder, tmp_path_factory):
    """Make a site: autumn and spring with ballots, a draft that is only a folder, an account signed in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        root = tmp_path_factory.mktemp("made") / "site"
        (root / "studies").mkdir(parents=True)
        (root / SITE_FILE).write_text("title: RAIM\n", encoding="utf-8")
        for name in ("autumn", "spring"):
            shutil.copytree(tiled_folder, root / "studies" / name)
            workspace = open_workspace(root / "studies" / name)
            with workspace.database.writing() as session:
                invitations.invite_judges(session, workspace.key, CAST, now=NOW)
                studies.open_study(session, now=NOW)
            cast_all(workspace, *(("Jude", "June") if name == "autumn" else ("June",)))
            workspace.database.close()
        init_folder(root / "studies" / "draft")
        with closing(open_site(root)) as site, site.database.writing() as session:
            session.add(olga := Account(key="olga", name="Olga", created_at=AT))
            session.flush()
            told = {"account_id": olga.id, "begun_at": AT, "used_at": AT, "device": "Lynx"}
            session.add(AccountSession(id="s", address="192.0.2.77", **told))
            for state in ("waiting", "done"):
                session.add(Job(study="spring", kind="mail", lane=state, state=state, created_at=AT))
    return root


@pytest.fixture
def root(made_site, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    return shutil.copytree(made_site, tmp_path / "site")


def digests(root) -> dict[str, str]:
    found = {}
    for name in ("autumn", "spring"):
        with (
            closing(open_workspace(root / "studies" / name).database) as database,
            database.reading() as session,
        ):
            found[name] = digest_now(session)
    return found


def back_up(root, path):
    with closing(open_site(root)) as site:
        return back_up_site(site, path, now=NOW)


def run(*words) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_a_restored_site_is_the_same_and_nobody_is_signed_in(root, tmp_path):
    before = digests(root)
    status, said, _ = run("backup", root, tmp_path / "site.backup")
    assert status == 0
    assert all(f"{name}: digest {digest}" in said for name, digest in before.items())
    status, _, told = run("restore", tmp_path / "site.backup", tmp_path / "again")
    assert (status, told) == (0, "")
    assert digests(tmp_path / "again") == before
    with closing(open_site(tmp_path / "again")) as site, site.database.reading() as session:
        assert site.file.title == "RAIM"
        assert site.studies() == ["autumn", "draft", "spring"]
        assert [item.name for item in session.exec(select(Account))] == ["Olga"]
        assert session.exec(select(AccountSession)).all() == []
        assert [job.state for job in session.exec(select(Job))] == ["done"]
    assert run("verify", tmp_path / "again")[0] == 0


def test_a_backup_keeps_its_secrets_and_is_never_written_over(root, tmp_path):
    path = tmp_path / "site.backup"
    back_up(root, path)
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        assert b"192.0.2.77" not in archive.read("site.db")
    with pytest.raises(StudyError, match="already exists"):
        back_up(root, path)
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".backup")] == []


def test_one_study_can_be_taken_out(root, tmp_path):
    back_up(root, tmp_path / "site.backup")
    with zipfile.ZipFile(tmp_path / "site.backup") as archive:
        archive.extract("spring.backup", tmp_path)
    assert restore(tmp_path / "spring.backup", tmp_path / "alone").digest == digests(root)["spring"]


@pytest.mark.parametrize("what", ["cut", "changed", "a name", "missing"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(root, tmp_path, what):
    path = tmp_path / "site.backup"
    back_up(root, path)
    if what == "cut":
        path.write_bytes(path.read_bytes()[:-2000])
    else:
        rewrite(path, what)
    with pytest.raises(StudyError, match=r"backup|damaged"):
        restore_site(path, tmp_path / "again")
    left = [item for item in (tmp_path / "again").rglob("*") if item.is_file()]
    assert left == []


def rewrite(path, what) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    if what == "changed":
        members["spring.backup"] = members["spring.backup"][:-1] + b"x"
    elif what == "missing":
        del members["spring.backup"]
    else:
        manifest["studies"]["../evil"] = manifest["studies"]["spring"]
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_a_failure_in_the_second_study_leaves_nothing_of_the_first(root, tmp_path):
    back_up(root, tmp_path / "site.backup")
    again = tmp_path / "again"
    (again / "studies" / "spring" / "var").mkdir(parents=True)
    key = again / "studies" / "spring" / "var" / "study.key"
    key.write_text("ab" * 32)
    with pytest.raises(StudyError, match=r"study spring: .*not the one in the backup"):
        restore_site(tmp_path / "site.backup", again)
    assert [item for item in again.rglob("*") if item.is_file()] == [key]
    key.unlink()
    assert set(restore_site(tmp_path / "site.backup", again).studies) == {"autumn", "draft", "spring"}


def test_a_failure_beside_pictures_leaves_only_the_pictures(root, tmp_path):
    back_up(root, tmp_path / "site.backup")
    again = tmp_path / "again"
    there = [again / "studies" / "autumn" / "input" / "000.png", again / "studies" / "spring" / "study.yaml"]
    for path in there:
        path.parent.mkdir(parents=True)
        path.write_text("of somebody")
    with pytest.raises(StudyError, match=r"study spring: .*not the one in the backup"):
        restore_site(tmp_path / "site.backup", again)
    assert sorted(item for item in again.rglob("*") if item.is_file()) == there
    there[1].unlink()
    assert set(restore_site(tmp_path / "site.backup", again).studies) == {"autumn", "draft", "spring"}
    assert there[0].read_text() == "of somebody"


def test_a_site_is_never_written_over(root, tmp_path):
    back_up(root, tmp_path / "site.backup")
    with pytest.raises(StudyError, match=r"site\.yaml already exists"):
        restore_site(tmp_path / "site.backup", root)


def test_verify_names_the_study_of_the_first_mismatch(root):
    status, said, told = run("verify", root)
    assert (status, told.strip()) == (0, "everything matches")
    assert "unchecked  draft: study: it has no images yet" in said
    journal = root / "studies" / "spring" / "var" / "votes.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(True)[:-1]))
    status, said, told = run("verify", root, "--json")
    assert (status, told.splitlines()[-1].partition(":")[0]) == (1, "mismatch")
    assert told.splitlines()[-1].startswith("mismatch: spring: ")
    rows = json.loads(said)
    assert {row["study"] for row in rows if row["verdict"] == "wrong"} == {"spring"}
    assert {row["study"] for row in rows} == {"autumn", "draft", "spring"}


def test_a_study_that_cannot_be_opened_does_not_hide_the_others(root):
    (root / "studies" / "autumn" / "study.yaml").write_text("teams: [", encoding="utf-8")
    status, said, told = run("verify", root)
    assert status == 1
    assert told.splitlines()[-1].startswith("mismatch: autumn: ")
    assert "ok     spring: " in said
    with pytest.raises(StudyError, match="study autumn: "):
        back_up(root, root.parent / "site.backup")
    assert not (root.parent / "site.backup").exists()


def test_a_study_of_a_site_is_not_moved_alone(root):
    status, _, told = run("migrate", root / "studies" / "spring", "--to", "postgresql://nobody@127.0.0.1:1/x")
    assert (status, "is part of the site" in told) == (2, True)


@pytest.mark.postgres
def test_a_site_moves_to_postgresql_with_every_digest(root, tmp_path, monkeypatch, request):
    before, url = digests(root), empty_postgres(request)
    status, _, told = run("migrate", root, "--to", url)
    assert status == 0, told
    assert "STUDYAPP_DATABASE_URL" in told
    with pytest.raises(StudyError, match="moved to PostgreSQL"):
        open_site(root).database  # noqa: B018
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", url)
    assert digests(root) == before
    app = create_app(root)
    assert app.test_client().get("/readyz").json == {"ready": True, "site": "ok", "disk": "ok"}
    assert app.test_client().get("/s/spring/").status_code == 200
    app.extensions["studyapp"].close()
    with closing(open_site(root)) as site, site.database.reading() as session:
        assert [item.name for item in session.exec(select(Account))] == ["Olga"]
        assert len(session.exec(select(AccountSession)).all()) == 1
    assert run("verify", root)[0] == 0
    assert run("backup", root, tmp_path / "site.backup")[0] == 0
    monkeypatch.delenv("STUDYAPP_DATABASE_URL")
    assert run("restore", tmp_path / "site.backup", tmp_path / "again")[0] == 0
    assert digests(tmp_path / "again") == before


@pytest.mark.slow
@pytest.mark.postgres
def test_a_move_that_fails_leaves_the_site_where_it_is(root, request):
    url = empty_postgres(request)
    yaml = root / "studies" / "spring" / "study.yaml"
    whole = yaml.read_text()
    yaml.write_text("teams: [")
    with closing(open_site(root)) as site, pytest.raises(StudyError, match="study spring: "):
        migrate(site, url)
    yaml.write_text(whole)
    assert len(digests(root)) == 2
    with closing(open_site(root)) as site:
        assert set(migrate(site, url).studies) == {"autumn", "spring"}
