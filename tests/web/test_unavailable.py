"""When the database is locked, full or gone: 503, nothing acknowledged, and the same answer goes in later."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from studyapp.db.database import Database, sqlite3

KEY = "0123456789abcdef"


def answered_later(jude, trial, refusal) -> None:
    """The refusal is one to retry on, and the retry is recorded once."""
    assert (refusal.status_code, refusal.json["error"]["code"]) == (503, "unavailable")
    assert int(refusal.headers["Retry-After"]) >= 1
    assert jude.pick(trial, 2, key=KEY).json["revision"] == 1
    assert jude.trial()["ballot"]["picks"] == [2]


@contextmanager
def small_pages(database: Database, spare: int) -> Iterator[None]:
    """Let the database grow by a few pages only, as on a full disk."""

    def limit(connection, _record) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + spare}")

    event.listen(database.engine, "connect", limit)
    database.engine.dispose()
    yield
    event.remove(database.engine, "connect", limit)
    database.engine.dispose()


@contextmanager
def locked(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else holds the write lock, for longer than anybody waits."""
    monkeypatch.setattr("studyapp.db.database.BUSY_TIMEOUT_MS", 50)
    database.engine.dispose()
    # The same SQLite library: the locks of another one in this process would exclude nobody.
    other = sqlite3.connect(database.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_locked_database_is_busy_not_broken(jude, app, monkeypatch):
    trial = jude.trial()
    jude.get("/judge/guidelines")
    with locked(app.extensions["studyapp"].workspace.database, monkeypatch):
        refusal = jude.pick(trial, 2, key=KEY)
        page = jude.post("/judge/guidelines")
    answered_later(jude, trial, refusal)
    assert page.status_code == 503
    assert "sent again automatically" in page.get_data(as_text=True)
    assert "locked" not in page.get_data(as_text=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("spare", [0, 1, 2])
def test_a_full_disk_keeps_what_was_acknowledged(jude, app, spare):
    """Picks go in until one does not; that one goes in when there is room again."""
    trial = jude.trial()
    with small_pages(app.extensions["studyapp"].workspace.database, spare):
        for revision in range(1_000):
            saved = jude.pick(trial, 1 + revision % 4, base=revision, key=f"{revision:016}")
            if saved.status_code != 200:
                break
    assert (saved.status_code, saved.json["error"]["code"]) == (503, "unavailable")
    assert jude.trial()["ballot"]["revision"] == revision
    again = jude.pick(trial, 1 + revision % 4, base=revision, key=f"{revision:016}")
    assert again.json["revision"] == revision + 1


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_a_database_server_that_was_restarted_is_found_again(jude, app):
    """Every connection is cut, as by a restart of PostgreSQL: one request at most is asked to come again."""
    trial = jude.trial()
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    others += "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    database = Database(app.extensions["studyapp"].workspace.database.url)
    with database.engine.connect() as connection:
        connection.execute(text(others))
    database.close()
    answers = [jude.pick(trial, 2, key=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] in ([503, 200], [200, 200])
    assert answers[1].json["revision"] == 1
