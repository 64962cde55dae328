"""An organiser in Chromium: phases, freezing, files of the leaderboard, and a cut with a tie."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from studyapp.sample.serving import serving
from studyapp.services.ground.workspace import begin_study
from tests.browser.chromium import needs_chromium
from tests.browser.test_accessible import AXE, IN_CI
from tests.browser.test_challenge_team import DESK, check
from tests.services.challenge_board import make_track, put_in
from tests.services.challenge_site import challenge_site, team

pytestmark = [
    needs_chromium,
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]
CHALLENGE = """\
title: Night
challenge:
  tracks:
    lowlight:
      top: 2
      phases:
        feedback: {title: Feedback, opens: 2026-01-01T00:00:00Z, closes: 2096-01-01T00:00:00Z}
        final: {title: Final, kind: final, opens: 2097-01-01T00:00:00Z, closes: 2098-01-01T00:00:00Z}
"""
BY_IMAGE = {"Owls": (9.0, 9.1, 9.0, 9.1), "Bats": (5.0, 7.0, 5.2, 6.6), "Moths": (6.6, 5.2, 7.0, 5.0)}


@pytest.fixture
def served(tmp_path, monkeypatch) -> Iterator[tuple[str, str, Path]]:
    """The address of a challenge, the organiser's link, and the track's folder."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = make_track(tmp_path)
    begin_study(root)
    with challenge_site(tmp_path, CHALLENGE) as site:
        for name, scores in BY_IMAGE.items():
            put_in(site, team(site, name, f"{name}'s"), f"{name}'s", scores)
        put_in(site, team(site, "Foxes", "Foxes'"), "Foxes'", None, state="failed")
    with serving(tmp_path, workers=1) as server:
        yield server.url, server.organiser, root


def test_phases_freezing_a_tie_at_the_cut_and_files(served, shared_browsers):
    url, link, root = served
    with (
        shared_browsers.desk().new_context(viewport=DESK) as desk,
        shared_browsers.desk().new_context(viewport=DESK) as other,
    ):
        olga, eve = desk.new_page(), other.new_page()
        for page in (olga, eve):
            page.add_init_script(path=str(AXE))

        # Anybody follows the leaderboard.
        eve.goto(f"{url}/challenge/tracks/lowlight")
        eve.get_by_role("link", name="See the leaderboard").click()
        expect(eve.get_by_text("provisional")).to_be_visible()
        ranks = eve.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => [row.cells[2].firstChild.textContent, row.cells[0].textContent])"
        )
        assert ranks == [["Owls", "1"], ["Bats", "2"], ["Moths", "2"], ["Foxes", "–"]]

        # Frozen, it says so to everybody, until it moves again.
        olga.goto(link)
        olga.goto(f"{url}/s/lowlight/console/board")
        olga.get_by_role("button", name="Freeze the leaderboard now").click()
        expect(olga.get_by_text("leaderboard frozen")).to_be_visible()
        check(olga)
        eve.reload()
        expect(eve.get_by_text("Frozen:")).to_be_visible()
        check(eve)
        olga.get_by_role("button", name="Let the leaderboard move again").click()
        expect(olga.get_by_role("button", name="Freeze the leaderboard now")).to_be_visible()

        # Hidden, it is nobody else's until the phase is over.
        olga.get_by_role("link", name="Phases", exact=True).click()
        form = olga.locator("#phase-feedback")
        form.get_by_label("Leaderboard until the phase is over").select_option("hidden")
        form.get_by_role("button", name="Save").click()
        expect(form.get_by_label("Leaderboard until the phase is over")).to_have_value("hidden")
        response = eve.reload()
        assert response is not None
        assert response.status == 404
        form.get_by_label("Closes (UTC)").fill("2026-06-01T00:00:00")
        form.get_by_role("button", name="Save").click()
        expect(olga.get_by_text("over", exact=True)).to_be_visible()
        eve.reload()
        expect(eve.get_by_text("Owls")).to_be_visible()

        # Two teams are level at the last place.
        olga.get_by_role("link", name="Leaderboard", exact=True).click()
        check(olga)
        olga.get_by_label("Moths").check()
        olga.get_by_label("What decides between them").fill("drawn by lot")
        olga.get_by_role("button", name="Decide").click()
        expect(olga.get_by_text("Reason: drawn by lot")).to_be_visible()
        check(olga)
        assert "Moths" in (root / "study.yaml").read_text(encoding="utf-8")
        assert "Bats" not in (root / "study.yaml").read_text(encoding="utf-8")

        with olga.expect_download() as found:
            olga.get_by_role("link", name="CSV").click()
        with found.value.path().open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [(row["rank"], row["team"], row["members"]) for row in rows] == [
            ("1", "Owls", "Owls's"),
            ("2", "Bats", "Bats's"),
            ("2", "Moths", "Moths's"),
            ("", "Foxes", "Foxes'"),
        ]
        assert float(rows[0]["score"]) == sum(BY_IMAGE["Owls"]) / 4
