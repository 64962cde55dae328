"""The audit is right whoever judges, test judges and withdrawn ones too, and finds leaks there."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import text

from studyapp.blind_audit.run import blind_audit
from studyapp.core.judges_file import JudgeLine
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.services.voting import lifecycle
from tests.blind_audit import planting
from tests.blind_audit.conftest import look_at_trials_alone
from tests.blind_audit.planting import header, in_trial, on_page, planted
from tests.conftest import CAST, IMAGES, KEY, NOW
from tests.hidden import SHOWN, prepare_checks

TESTER = JudgeLine("Tess", "tess@example.org", test=True)
CONFLICTED = JudgeLine("Conny", "conny@example.org", ("team02",))
CONFLICTED_TESTER = JudgeLine("Theo", "theo@example.org", ("team01", "team03"), test=True)

MIXES = {
    "a test judge before the others": ([TESTER, *CAST], None, False),
    "test judges alone": ([TESTER, CONFLICTED_TESTER], None, False),
    "everything": ([CONFLICTED_TESTER, CAST[0], CONFLICTED, TESTER, CAST[1]], CAST[0], True),
}


SHORT = "everything"  # every kind of judge is in it


@pytest.fixture(params=[mix if mix == SHORT else pytest.param(mix, marks=pytest.mark.slow) for mix in MIXES])
def mixed(request, folder, monkeypatch) -> Path:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    judges, withdrawn, hidden = MIXES[request.param]
    if hidden:
        prepare_checks(folder)
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        for judge in judges:
            invitations.invite_judges(session, workspace.key, [judge], now=NOW)
        if any(not judge.test for judge in judges):
            studies.open_study(session, now=NOW)
        if withdrawn:
            lifecycle.withdraw_judge(session, withdrawn.email, "asked to", now=NOW)
    workspace.database.close()
    return folder


def test_an_honest_study_passes_and_every_leak_is_found(mixed, monkeypatch):
    report = blind_audit(mixed)
    assert {outcome.channel: outcome.findings for outcome in report.outcomes if not outcome.passed} == {}
    # Practice, and the three images or, with hidden trials, six.
    assert report.trials == report.judges * (1 + (SHOWN if (mixed / "golden").exists() else len(IMAGES)))
    look_at_trials_alone(monkeypatch)
    plants = {
        "etag": header("ETag", lambda a: f'"{a.number()}"'),
        "other-people": on_page(lambda a: "<p>" + " ".join(map(str, people(a.truth))) + "</p>"),
        "listing-order": in_trial(planting.fields),
        "team-ids": on_page(lambda a: "<i>team03</i>"),
    }
    assert plants.keys() <= blind_audit(mixed, wrap=planted(*plants.values())).failed


def people(truth) -> list[str]:
    """Everybody's names, as a page that lists the judges would show them, to everybody."""
    return [*(name for name, _ in (truth.words.people or {}).values()), "Mallory"]


@pytest.mark.usefixtures("trials_alone")
def test_a_conflict_noted_too_late_is_found_for_every_kind_of_judge(mixed):
    change(mixed, "UPDATE judge SET conflicts = '[\"team04\"]'")
    report = blind_audit(mixed)
    findings = next(outcome.findings for outcome in report.outcomes if outcome.channel == "conflicts")
    named = {finding.split(" is shown")[0] for finding in findings}
    assert len(named) == report.judges


@pytest.mark.usefixtures("trials_alone")
# That honest orders of so many teams pass is tested by tests/core/test_order_links.py, too.
@pytest.mark.parametrize("honest", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_orders_that_link_teams_are_found(tmp_path, monkeypatch, honest):
    """Put powers of one cycle of slots into the database, as the first design did."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = wide_study(tmp_path / "study")
    if not honest:
        workspace = open_workspace(root)
        with workspace.database.engine.execution_options(studyapp_writer=True).begin() as connection:
            in_a_cycle(connection)
        workspace.database.close()
    assert ("order-links" in blind_audit(root, tiles=0).failed) is not honest


def in_a_cycle(connection) -> None:
    rows = connection.execute(
        text(
            "SELECT t.id, j.position, i.position FROM trial t JOIN judge j ON j.id = t.judge_id "
            "JOIN image i ON i.id = t.image_id WHERE t.kind = 'main' AND j.position < 9000"
        )
    ).all()
    for trial, judge, image in rows:
        slots = connection.execute(
            text(
                "SELECT s.slot, s.token, p.id, p.team_id FROM trial_slot s JOIN picture p "
                "ON p.id = s.picture_id WHERE s.trial_id = :t AND s.slot > 0"
            ),
            {"t": trial},
        ).all()
        tokens = {slot: token for slot, token, _, _ in slots}
        teams = sorted((team, picture) for _, _, picture, team in slots)
        connection.execute(text("DELETE FROM trial_slot WHERE trial_id = :t AND slot > 0"), {"t": trial})
        for number, (_, picture) in enumerate(teams):
            slot = (number + judge + image) % len(teams) + 1
            connection.execute(
                text("INSERT INTO trial_slot (trial_id, slot, picture_id, token) VALUES (:t, :s, :p, :k)"),
                {"t": trial, "s": slot, "p": picture, "k": tokens[slot]},
            )


def wide_study(root: Path) -> Path:
    """Seven teams, seven images, two judges, a conflicted one and a test judge."""
    teams, images = (
        [f"team{number:02d}" for number in range(1, 8)],
        [f"{number:03d}" for number in range(1, 8)],
    )
    for number, folder in enumerate(["input", *(f"teams/{team}" for team in teams)]):
        (root / folder).mkdir(parents=True)
        for image in images:
            pixels = np.full((8, 8, 3), 10 * number, dtype=np.uint8)
            pixels[0, 0] = int(image)
            Image.fromarray(pixels).save(root / folder / f"{image}.png")
    lines = "\n".join(f"  - {{id: {team}, name: Group {team[-1]}}}" for team in teams)
    (root / "study.yaml").write_text(f"title: Wide study\nteams:\n{lines}\n")
    ensure_key(root, key=KEY)
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    workspace = open_workspace(root)
    with workspace.database.writing() as session:
        invitations.invite_judges(session, workspace.key, [TESTER, *CAST, CONFLICTED], now=NOW)
        studies.open_study(session, now=NOW)
    workspace.database.close()
    return Path(root)


def change(root: Path, statement: str) -> None:
    workspace = open_workspace(root)
    with workspace.database.engine.execution_options(studyapp_writer=True).begin() as connection:
        connection.execute(text(statement))
    workspace.database.close()
