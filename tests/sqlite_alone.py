"""For modules whose tests would say the same of every database; they import `database_url`.

`make test-slow` runs them on PostgreSQL, too.
"""

import pytest

from tests.conftest import use_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])])
def database_url(request, monkeypatch) -> str | None:
    """Point the study at SQLite; at PostgreSQL in the long run."""
    return use_database(request, monkeypatch)
