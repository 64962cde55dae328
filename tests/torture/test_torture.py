"""The short form of the torture; `make torture` is the long one (docs/reliability.md has its figures)."""

import time
import uuid
from datetime import timedelta

import pytest
from sqlmodel import col, select

from benchmarks.keep_alive import Client, Reply
from studyapp.db.tables import BallotEvent, Trial
from studyapp.services.folder import preparing
from studyapp.services.ground.workspace import ensure_key
from studyapp.services.voting import ballots
from tests.conftest import KEY, NOW, write_study
from tests.services.voting import picked, save_ballot
from tests.torture.cluster import cluster
from tests.torture.ordeal import invite, ordeal
from tests.torture.settings import system_sqlite
from tests.torture.victim import Victim

DATABASES = [
    "sqlite",
    pytest.param("system sqlite", marks=pytest.mark.slow),
    pytest.param("postgres", marks=pytest.mark.postgres),
]


@pytest.mark.parametrize("kind", DATABASES)
def test_nothing_acknowledged_is_lost_doubled_or_misplaced(kind, folder, tmp_path, request, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    environment = system_sqlite(tmp_path) if kind == "system sqlite" else {}
    if kind == "postgres":
        monkeypatch.setenv("STUDYAPP_DATABASE_URL", request.getfixturevalue("postgres").copy_of_template())
    outcome = ordeal(folder, kills=3, seed=1, environment=environment)
    assert outcome.clean, outcome.told()
    assert len(outcome.records.acknowledged) > 10
    assert outcome.verdict.stored >= len(outcome.records.acknowledged)


@pytest.mark.postgres
def test_a_crash_of_all_of_postgresql_loses_nothing_acknowledged(tmp_path, monkeypatch):
    """The blow kills the postmaster and every process of it, while judges vote."""
    with cluster() as running:
        monkeypatch.setenv("STUDYAPP_DATABASE_URL", running.url)
        folder = write_study(tmp_path / "study")
        ensure_key(folder, key=KEY)
        preparing.prepare_study(folder, workers=1, progress=None, now=NOW)
        outcome = ordeal(folder, kills=1, seed=4, hurt_database=lambda _rng: running.crash(), hurting=1)
    assert running.crashes == 1
    assert outcome.clean, outcome.told()
    assert len(outcome.records.acknowledged) > 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_refuses_and_a_freed_one_goes_on(workspace, links):
    """No file of the running server can grow: 503, pages still open; then the same answer goes in."""
    with Victim(workspace.folders.root) as victim:
        judge = Client(victim.port)
        judge.get(f"/j/{links['Jude']}")
        trial = judge.get("/api/trials").json()["trials"][0]["trial"]
        judge.csrf = judge.get(f"/api/trials/{trial}").json()["csrf"]

        def answer(base: int, key: str) -> Reply:
            body = {"key": key, "base_revision": base, "picks": [1]}
            return judge.put_json(f"/api/trials/{trial}/ballot", body)

        assert answer(0, str(uuid.uuid4())).status == 200
        key = str(uuid.uuid4())
        victim.fill_disk(0)
        refused = [answer(1, key) for _ in range(3)]
        assert [reply.status for reply in refused] == [503] * 3
        assert refused[0].headers["retry-after"] == "1"
        assert judge.get(f"/api/trials/{trial}").json()["ballot"]["revision"] == 1
        victim.free_disk()
        assert answer(1, key).json()["revision"] == 2
        victim.kill("all")
        victim.start()
        judge.close()
        assert judge.get(f"/api/trials/{trial}").json()["ballot"]["revision"] == 2
        judge.close()


@pytest.mark.postgres
def test_a_worker_that_dies_while_the_database_is_away_comes_back(folder, postgres, monkeypatch):
    """gunicorn gives up on a worker that cannot start; ours waits for the database instead."""
    url = postgres.copy_of_template()
    name = url.rsplit("/", 1)[1].partition("?")[0]
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", url)
    invite(folder)
    with Victim(folder) as victim:
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        postgres.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        victim.kill("workers")
        time.sleep(3)
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert victim.answers_within(30)


def test_order_does_not_depend_on_the_clock(workspace, links):
    """The server's clock jumps about; the last answer is still the one that was given last."""
    jumps = (0, -86_400, 3_600, -7, -31_536_000)
    with workspace.database.reading() as session:
        trial = session.exec(select(Trial).where(Trial.kind == "main")).first()
    for revision, jump in enumerate(jumps):
        key, picks, moment = str(uuid.uuid4()), (1 + revision % 4,), NOW + timedelta(seconds=jump)
        with workspace.database.writing() as session:
            given = picked(trial.judge_id, trial.public_id, key, revision, picks, at=moment)
            save_ballot(session, given)
    with workspace.database.reading() as session:
        assert ballots.current_ballot(session, trial).answer == {"picks": [1]}
        order = select(BallotEvent).order_by(col(BallotEvent.judge_sequence))
        events = session.exec(order.where(BallotEvent.judge_id == trial.judge_id)).all()
    assert [event.revision for event in events] == [1, 2, 3, 4, 5]
    assert [event.saved_at for event in events] != sorted(event.saved_at for event in events)
    pairs = zip(events[1:], events, strict=False)
    assert all(later.previous_hash == earlier.hash for later, earlier in pairs)
