"""Backup, restore and moving: the digest is the same afterwards, and nothing is written over."""

import shutil
import threading
import zipfile
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from studyapp.errors import StudyError
from studyapp.services.care.backups import back_up, restore
from studyapp.services.care.moving import migrate
from studyapp.services.ground.ledger import digest_now
from studyapp.services.ground.site import LONE, open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import accounts, log_ins, signing_in
from studyapp.services.people.invitations import live_link
from studyapp.services.people.second_factors import new_second_factor
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import lifecycle
from tests.accounts import PASSWORD, make_account
from tests.conftest import NOW
from tests.services.voting import cast, cast_all, close


def digest(workspace) -> str:
    with workspace.database.reading() as session:
        return digest_now(session)


def misfits(workspace) -> list[str]:
    with workspace.database.reading() as session:
        return [item.message for item in verify_study(session, workspace) if item.verdict == "wrong"]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch, request):
    """Restore into another folder and open it: on SQLite, whatever the study came from."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    opened = []

    def make(archive, name="restored"):
        monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        restore(archive, tmp_path / name)
        opened.append(open_workspace(tmp_path / name))
        return opened[-1]

    yield make
    for workspace in opened:
        workspace.database.close()


def test_a_restored_study_is_the_same_and_goes_on(workspace, links, tmp_path, elsewhere):
    cast_all(workspace, "Jude", "June")
    made = back_up(workspace, tmp_path / "a.backup", now=NOW)
    assert made.digest == digest(workspace)
    restored = elsewhere(tmp_path / "a.backup")
    assert digest(restored) == made.digest
    assert misfits(restored) == []
    cast(restored, "Jude", 1, 2, 1, 3, base=1)
    assert misfits(restored) == []
    with pytest.raises(DatabaseError, match="append-only"), restored.database.writing() as session:
        session.execute(text("DELETE FROM ballot_event"))


def test_accounts_come_back_and_sessions_do_not(workspace, links, tmp_path, elsewhere):
    factor, enrolment = new_second_factor("Olga", "studyapp")
    with closing(open_site(workspace.folders.root)) as site:
        make_account(site, factor=factor, role="analyst")
    with workspace.database.writing() as session:
        link = live_link(session, token=links["Jude"])
        log_ins.begin(session, "s3cret", link, address="192.0.2.77", device="Lynx", now=NOW)
    back_up(workspace, tmp_path / "a.backup", now=NOW)
    with workspace.database.reading() as session:
        assert log_ins.current(session.connection(), "s3cret", now=NOW) is not None, (
            "the study itself goes on as it was"
        )
    with zipfile.ZipFile(tmp_path / "a.backup") as archive:
        assert b"192.0.2.77" not in archive.read("study.db")
    restored = elsewhere(tmp_path / "a.backup")
    code = enrolment.recovery[0]
    with closing(open_site(restored.folders.root)) as site:
        assert signing_in.sign_in(site.database, "Olga", PASSWORD, code, now=NOW)
        with site.database.reading() as session:
            assert [item.roles for item in accounts.listed(session)] == [(("", "analyst"),)]
    with restored.database.reading() as session:
        assert log_ins.current(session.connection(), "s3cret", now=NOW) is None
        assert live_link(session, token=links["Jude"]).judge_id, "judges' links go on working"


def test_other_accounts_are_never_written_over(workspace, links, tmp_path, monkeypatch):
    root, other = workspace.folders.root, tmp_path / "restored"
    with closing(open_site(root)) as site:
        make_account(site)
    back_up(workspace, tmp_path / "a.backup", now=NOW)
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    other.mkdir()
    shutil.copyfile(root / "study.yaml", other / "study.yaml")
    with closing(open_site(other)) as site:
        make_account(site, "Tom")
        with pytest.raises(StudyError, match="has other accounts than the backup"):
            restore(tmp_path / "a.backup", other)
        with site.database.reading() as session:
            assert [item.name for item in accounts.listed(session)] == ["Tom"]


def test_a_backup_is_for_its_owner_and_never_written_over(workspace, links, tmp_path):
    path = tmp_path / "a.backup"
    back_up(workspace, path, now=NOW)
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(StudyError, match="exists"):
        back_up(workspace, path, now=NOW)
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".backup")] == []


def test_a_backup_taken_while_judges_vote_is_of_one_moment(workspace, links, tmp_path, elsewhere):
    stop, acknowledged = threading.Event(), []

    def vote() -> None:
        base = 0
        while not stop.is_set():
            acknowledged.append(cast(workspace, "Jude", 1, base % 4 + 1, base=base))
            base += 1

    judge = threading.Thread(target=vote)
    judge.start()
    try:
        while len(acknowledged) < 3:
            stop.wait(0.01)
        before = len(acknowledged)
        made = back_up(workspace, tmp_path / "a.backup", now=NOW)
    finally:
        stop.set()
        judge.join()
    restored = elsewhere(tmp_path / "a.backup")
    assert misfits(restored) == []
    assert digest(restored) == made.digest
    with restored.database.reading() as session:
        kept = session.execute(text("SELECT count(*) FROM ballot_event")).scalar()
        study = session.execute(text("SELECT count(*) FROM study_event")).scalar()
    assert kept >= before, "every ballot acknowledged before the backup is in it"
    assert made.events == kept + study


def test_a_lost_acknowledged_ballot_shows_after_an_old_backup(workspace, links, tmp_path, elsewhere, folder):
    cast(workspace, "Jude", 1, 1, 2, 3)
    back_up(workspace, tmp_path / "old.backup", now=NOW)
    cast(workspace, "Jude", 2, 1, 2, 3)
    (tmp_path / "restored" / "var").mkdir(parents=True)
    survivor = tmp_path / "restored" / "var" / "votes.jsonl"
    survivor.write_bytes(workspace.folders.journal.read_bytes())
    restored = elsewhere(tmp_path / "old.backup")
    assert misfits(restored) == ["votes.jsonl has what the database does not: judge01, event 2"]


def test_a_backup_restores_to_postgresql(workspace, links, tmp_path, monkeypatch, request):
    cast_all(workspace, "Jude")
    made = back_up(workspace, tmp_path / "a.backup", now=NOW)
    url = empty_postgres(request)
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", url)
    assert restore(tmp_path / "a.backup", tmp_path / "restored") == made
    restored = open_workspace(tmp_path / "restored")
    assert misfits(restored) == []
    cast(restored, "Jude", 3, 1, 2, 4, base=1)
    assert misfits(restored) == []
    restored.database.close()


@pytest.mark.parametrize("what", ["no archive", "cut", "changed", "stranger"])
def test_a_damaged_backup_is_refused(what, workspace, links, tmp_path):
    path = tmp_path / "a.backup"
    back_up(workspace, path, now=NOW)
    data = path.read_bytes()
    if what == "no archive":
        path.write_bytes(b"PK nothing")
    elif what == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif what == "changed":
        rewrite(path, {"study.key": b"00" * 32})
    else:
        rewrite(path, {"manifest.json": b'{"format": "studyapp backup 1", "files": {"../evil": "0"}}'})
    with pytest.raises(StudyError, match=r"backup|damaged|unknown file"):
        restore(path, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_restoring_never_touches_another_study(workspace, links, tmp_path, folder, monkeypatch):
    path = tmp_path / "a.backup"
    back_up(workspace, path, now=NOW)
    other = tmp_path / "other"
    (other / "var").mkdir(parents=True)
    (other / "var" / "study.key").write_text("ab" * 32)
    with pytest.raises(StudyError, match="not the one in the backup"):
        restore(path, other)
    assert [item.name for item in (other / "var").iterdir()] == ["study.key"]


def test_moving_to_postgresql_keeps_the_digest(folder, tmp_path, monkeypatch, request):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        from studyapp.services.ground import studies
        from studyapp.services.people import invitations
        from tests.conftest import CAST

        invitations.invite_judges(session, workspace.key, CAST, now=NOW)
        studies.open_study(session, now=NOW)
    cast_all(workspace, "Jude", "June")
    before = digest(workspace)
    url = empty_postgres(request)
    with closing(open_site(folder)) as site:
        assert migrate(site, url).studies[LONE].digest == before
    workspace.database.close()
    with pytest.raises(StudyError, match="moved to PostgreSQL"):
        open_workspace(folder)
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", url)
    moved = open_workspace(folder)
    assert digest(moved) == before
    assert misfits(moved) == []
    with pytest.raises(DatabaseError, match="append-only"), moved.database.writing() as session:
        session.execute(text("UPDATE study_event SET kind = 'x'"))
    cast(moved, "June", 1, 4, 1, 2, base=1)
    with moved.database.writing() as session:
        lifecycle.withdraw_judge(session, "jude@example.org", "asked for it", now=NOW)
    close(moved)
    assert misfits(moved) == []
    with pytest.raises(StudyError, match="already has rows"):
        copy_again(folder, tmp_path, url, monkeypatch)
    moved.database.close()


def copy_again(folder, tmp_path, url, monkeypatch) -> None:
    """Move the study again into the database that holds it already."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL")
    old = folder / "var" / "study.db.moved"
    old.rename(folder / "var" / "study.db")
    (folder / "var" / "site.db.moved").rename(folder / "var" / "site.db")
    try:
        with closing(open_site(folder)) as site:
            migrate(site, url)
    finally:
        assert (folder / "var" / "study.db").exists(), "what could not be moved stays in use"


def empty_postgres(request) -> str:
    """Return the URL of an empty PostgreSQL database."""
    server = request.getfixturevalue("postgres")
    server.copies += 1
    name = f"empty_{server.copies}_{id(server)}"
    server.execute(f"CREATE DATABASE {name}")
    return server.database(name)


def rewrite(path, changed: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | changed
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
