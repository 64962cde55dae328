"""The short form of the torture of jobs; `python -m tests.torture --jobs` is the long one, over all kinds."""

from tests.torture.jobs import jobs_ordeal, told


def test_no_job_is_lost_or_run_twice_while_workers_and_jobs_are_killed(folder, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    monkeypatch.setenv("STUDYAPP_IMPORT_DIR", "")  # it is set, and put back
    outcome = jobs_ordeal(folder, kills=3, seed=3, kinds=("check", "tile"))
    assert outcome.clean, told("sqlite", outcome)
    assert outcome.kills.total() >= 3
    assert outcome.jobs >= 2
