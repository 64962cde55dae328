"""Verifying a study where it lives: an honest one fits at every stage, a changed database does not."""

import pytest

from studyapp.db.triggers import APPEND_ONLY
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.verifying import verify_study
from tests.conftest import TEAMS
from tests.services.voting import cast_all, close
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)


def verify(workspace) -> dict[str, str]:
    """Return the message of every check that found something."""
    with workspace.database.reading() as session:
        findings = verify_study(session, workspace)
    return {item.check: item.message for item in findings if item.verdict == "wrong"}


def export(workspace) -> None:
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))


def tamper(workspace, *statements: str) -> None:
    """Do what somebody with all rights on the database can do, triggers and foreign keys or not."""
    raw = workspace.database.engine.raw_connection()
    cursor = raw.cursor()
    if workspace.database.is_sqlite:
        triggers = [f"{table}_no_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")]
        before = ["PRAGMA foreign_keys = OFF", *(f"DROP TRIGGER IF EXISTS {name}" for name in triggers)]
    else:
        before = ["SET session_replication_role = replica"]
    for statement in (*before, *statements):
        cursor.execute(statement)
    raw.commit()
    raw.invalidate()
    raw.close()


def test_an_honest_study_fits_at_every_stage(workspace, links):
    assert verify(workspace) == {}
    cast_all(workspace, "Jude", "June")
    assert verify(workspace) == {}
    close(workspace)
    export(workspace)
    assert verify(workspace) == {}


DATABASE_TAMPERING = {
    "whose trial": (
        [
            "UPDATE ballot_event SET trial_id = "
            "(SELECT id FROM trial WHERE kind = 'practice' AND judge_id = 1) WHERE id = 1"
        ],
        "ballot events",
        "judge01, event 1",
    ),
    "a body": (
        ["UPDATE ballot_event SET body = replace(body, '[2,3,4]', '[3,2,4]') WHERE id = 1"],
        "chains",
        "judge01, event 1 (revision 1 of trial",
    ),
    "completeness": (
        ["UPDATE ballot_event SET complete = false WHERE id = 1"],
        "ballot events",
        "judge01, event 1",
    ),
    "an event removed": (
        ["DELETE FROM ballot_event WHERE id = 2"],
        "chains",
        "judge01, event 3",
    ),
    "the last event removed": (
        [
            "DELETE FROM ballot_event WHERE id = (SELECT max(id) FROM ballot_event)",
        ],
        "second record",
        "judge02, event 5",
    ),
    "another judge": (
        ["UPDATE ballot_event SET judge_id = 2, judge_sequence = 9 WHERE id = 5"],
        "chains",
        "judge02",
    ),
    "a candidate's slot": (
        [
            "UPDATE trial_slot SET slot = 99 WHERE trial_id = 2 AND slot = 1",
            "UPDATE trial_slot SET slot = 1 WHERE trial_id = 2 AND slot = 2",
            "UPDATE trial_slot SET slot = 2 WHERE trial_id = 2 AND slot = 99",
        ],
        "trials",
        "judge01, main trial 1: not what the key gives",
    ),
    "a team's picture": (
        ["UPDATE picture SET sha256_pixels = 'x' WHERE id = 3"],
        "commitment",
        "do not match the commitment",
    ),
    "the state": (["UPDATE study SET state = 'draft'"], "state", "the study is draft, its ledger says open"),
    "an organiser's event": (
        ["UPDATE study_event SET body = replace(body, 'judge01', 'judge03') WHERE sequence = 2"],
        "chains",
        "study, event 2 (invited) was changed",
    ),
}


@pytest.mark.parametrize("what", DATABASE_TAMPERING)
def test_a_changed_database_is_found(what, workspace, links):
    statements, check, words = DATABASE_TAMPERING[what]
    cast_all(workspace, "Jude", "June")
    tamper(workspace, *statements)
    found = verify(workspace)
    assert words in found[check], found


def test_no_message_tells_a_team_while_identities_are_sealed(workspace, links):
    cast_all(workspace, "Jude", "June")
    tamper(workspace, *DATABASE_TAMPERING["a candidate's slot"][0])
    assert not [team for team in TEAMS if team in str(verify(workspace))]


def test_a_missing_trigger_is_found(workspace, links):
    with workspace.database.engine.begin() as connection:
        if workspace.database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER looking_no_delete")
        else:
            connection.exec_driver_sql("ALTER TABLE looking DISABLE TRIGGER looking_append_only")
    assert "looking_" in verify(workspace)["triggers"]
