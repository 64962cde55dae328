"""The blind audit passes studies that ask for pairs, ratings and sliders, with hidden trials and controls."""

import shutil

import pytest

from studyapp.blind_audit.run import blind_audit
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from tests.asked import add_controls, ask
from tests.conftest import CAST, NOW
from tests.hidden import add_checks

TOM = JudgeLine("Tom", "tom@example.org", ("team01",))


@pytest.mark.parametrize(
    ("settings", "trials"),
    [("pairwise", 41), pytest.param("dcr", 31, marks=pytest.mark.slow), ("slider", 12)],
)
def test_a_study_is_blind_however_it_asks(tiled_folder, tmp_path, monkeypatch, settings, trials):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    folder = shutil.copytree(tiled_folder, tmp_path / "study")
    add_controls(folder)
    add_checks(folder, "")
    ask(folder, settings, 'checks: {repeats: ["001"], golden: ["002"]}\n')
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, (CAST[0], TOM), now=NOW)
        studies.open_study(session, now=NOW)
    workspace.database.close()
    report = blind_audit(folder)
    assert {outcome.channel: outcome.findings for outcome in report.outcomes if not outcome.passed} == {}
    assert (report.judges, report.trials) == (2, trials)
