"""From study.yaml through the page, the closing, the export, the report and the screening, for any places."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.cli import main
from analysis.verify import verify_export
from studyapp.app import create_app
from studyapp.services.folder.preparing import prepare_study
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results.exports import export_study, lacking
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.ranking_text import as_text
from tests.conftest import CAST, KEY, NOW
from tests.services.voting import close
from tests.web.conftest import Browser

IMAGES = ("001", "002", "003")


def write_study(root: Path, places: int, points: tuple[float, ...]) -> None:
    """Write a study with one team more than there are places, four at least."""
    teams = [f"team{number:02}" for number in range(1, max(places + 1, 4) + 1)]
    root.mkdir()
    lines = [
        "title: Spring study",
        "seed: 7",
        f"protocol: {{places: {places}, points: [{', '.join(f'{value:g}' for value in points)}]}}",
        "rules: {final: {score: user-study, awards: [1, 1]}}",
        "teams:",
        *(f"  - {{id: {team}, name: The {team}}}" for team in teams),
    ]
    (root / "study.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rng = np.random.default_rng(5)
    for image in IMAGES:
        base = rng.integers(0, 200, (24, 32, 3), dtype=np.uint8)
        for number, folder in enumerate(["input", *(f"teams/{team}" for team in teams)]):
            (root / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(base + np.uint8(number)).save(root / folder / f"{image}.png")


def judge_everything(root: Path, places: int) -> None:
    """Let the cast fill every place on their pages."""
    workspace = open_workspace(root)
    with workspace.database.writing() as session:
        invited = invitations.invite_judges(session, workspace.key, CAST, now=NOW)
        studies.open_study(session, now=NOW)
    workspace.database.close()
    app = create_app(root)
    app.testing = True
    for number, judge in enumerate(invited):
        browser = Browser(app.test_client())
        browser.get(f"/j/{judge.token}")
        for position in range(1, len(IMAGES) + 1):
            trial = browser.trial(position)
            slots = list(range(1, places + 1))
            kept = browser.pick(trial, *(slots if number else slots[::-1]))
            assert kept.status_code == 200, kept.json
            assert kept.json["complete"]
    app.extensions["studyapp"].workspace.database.close()


SLOW = pytest.mark.slow  # between the fewest places and the most


@pytest.mark.parametrize(
    "points",
    [
        (1,),
        (9, 8, 7, 6, 5, 4, 3, 2, 1),
        (5, 1, 0.5),
        pytest.param((2, 1), marks=SLOW),
        pytest.param((4, 3, 2, 1), marks=SLOW),
    ],
    ids=lambda p: f"{p}",
)
def test_the_whole_way(points, tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root, places = tmp_path / "study", len(points)
    write_study(root, places, points)
    ensure_key(root, key=KEY)
    prepare_study(root, workers=1, progress=None, now=NOW)
    judge_everything(root, places)
    workspace = open_workspace(root)
    close(workspace)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
        assert len(as_text(ranking.table)) == len(ranking.table)
        export_study(session, workspace, ranking)
    workspace.database.close()
    folder = workspace.folders.exports
    assert lacking(workspace.folders.exports) == []

    votes = pd.read_csv(folder / "votes.csv")
    earned = votes["rank"].map(dict(enumerate(points, start=1))).fillna(0).groupby(votes["team"]).sum()
    table = pd.read_csv(folder / "ranking.csv").set_index("team")
    assert table["points"].to_dict() == pytest.approx(earned.to_dict())
    assert table["s3"].sum() == pytest.approx(sum(points) * len(IMAGES))
    assert json.loads((folder / "rule.json").read_text())["points"] == list(points)

    text = re.sub(r"\s+", " ", (folder / "report.html").read_text(encoding="utf-8"))
    assert f"({', '.join(f'{value:g}' for value in points)} points for the first places)" in text
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
    assert "The team01" in (folder / "ranking.tex").read_text(encoding="utf-8")

    found = verify_export(folder)
    assert [item.message for item in found if item.verdict == "wrong"] == []
    shutil.copy(folder / "votes.csv", tmp_path / "votes.csv")
    screened = CliRunner().invoke(
        main,
        ["screen", str(tmp_path / "votes.csv"), "--rule", str(folder / "rule.json"), "--permutations", "19",
         "--format", "json"],
    )  # fmt: skip
    assert screened.exit_code == 0, screened.stderr
    everybody = json.loads(screened.stdout)["rankings"][0]["ranking"]
    assert {row["team"]: row["s3"] for row in everybody} == pytest.approx(table["s3"].to_dict())
    assert {row["team"]: row["rank"] for row in everybody} == table["rank"].astype(int).to_dict()
