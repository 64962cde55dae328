"""For modules whose tests would say the same of every database; they import `database_url`."""

import pytest


@pytest.fixture
def database_url(monkeypatch) -> None:
    """Point the study at SQLite alone."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
