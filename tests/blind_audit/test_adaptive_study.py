"""Pairs that are drawn while judges vote open no channel: the blind audit passes a study that has them."""

from studyapp.blind_audit.run import blind_audit
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from tests.asked import ask
from tests.conftest import CAST, NOW

TOM = JudgeLine("Tom", "tom@example.org", ("team01",))


def test_a_study_that_draws_as_it_goes_is_blind(folder, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    ask(folder, "kind: pairwise, design: adaptive, pairs_per_judge: 5, identical: 1")
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, (*CAST, TOM), now=NOW)
        studies.open_study(session, now=NOW)
    workspace.database.close()
    report = blind_audit(folder)
    assert {outcome.channel: outcome.findings for outcome in report.outcomes if not outcome.passed} == {}
    assert (report.judges, report.trials) == (3, 3 * (5 + 1 + 1))
