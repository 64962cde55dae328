"""PostgreSQL with its promises switched off: a study insists, or is not served."""

import os
import time

import psycopg
import pytest
from sqlalchemy import text

from studyapp.db.database import Database
from studyapp.db.durability import check_durability
from studyapp.errors import StudyError

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize(("set_to", "meant"), [("off", "on"), ("local", "local"), ("on", "on")])
@pytest.mark.parametrize("open_", ["reading", "writing", "looking"])
def test_every_commit_waits_for_the_disk(postgres, set_to, meant, open_):
    url = postgres.copy_of_template()
    name = url.rsplit("/", 1)[1].partition("?")[0]
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = {set_to}")
    database = Database(url)
    with getattr(database, open_)() as opened:
        assert opened.execute(text("SHOW synchronous_commit")).scalar() == meant
    database.close()


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_syncs_nothing_serves_no_study(postgres, setting):
    if os.environ.get("TEST_DATABASE_URL"):
        pytest.skip("somebody else's server keeps its settings")
    database = Database(postgres.copy_of_template())
    check_durability(database)
    try:
        change(postgres, f"ALTER SYSTEM SET {setting} = off", setting, "off")
        with pytest.raises(StudyError, match=f"{setting}=off.*postgresql.conf"):
            check_durability(database)
    finally:
        change(postgres, f"ALTER SYSTEM RESET {setting}", setting, "on")
        database.close()


def change(postgres, statement: str, setting: str, becomes: str) -> None:
    """Change a setting of the server and wait until it holds."""
    postgres.execute(statement)
    postgres.execute("SELECT pg_reload_conf()")
    for _ in range(200):
        with psycopg.connect(postgres.url) as connection:
            if connection.execute(f"SHOW {setting}").fetchone() == (becomes,):
                return
        time.sleep(0.05)
    raise AssertionError(f"{setting} did not become {becomes}")
