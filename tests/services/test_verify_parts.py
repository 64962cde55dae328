"""`studyapp analyse verify` on an export with all three parts: what was changed afterwards is named."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.verify import verify_export
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.verifying import verify_study
from tests.services.joined import closed_joined_study
from tests.services.test_verify_export import edit_events, edit_table, of, reclose


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    root = closed_joined_study(tmp_path_factory.mktemp("parts") / "study")
    workspace = open_workspace(root, url=f"sqlite:///{root}/var/study.db")
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
    workspace.database.close()
    return root


@pytest.fixture
def folder(study, tmp_path) -> Path:
    return Path(shutil.copytree(study / "var/exports", tmp_path / "export"))


def misfits(folder: Path) -> dict[str, str]:
    return {item.check: item.message for item in verify_export(folder) if item.verdict == "wrong"}


def put(name: str, row: int, column: str, text: str | Callable[[str], str]) -> Callable[[Path], None]:
    """Write another value into one cell; rows count from 1 below the header."""

    def change(rows: list[list[str]]) -> None:
        cell = rows[0].index(column)
        rows[row][cell] = text(rows[row][cell]) if callable(text) else text

    return edit_table(name, change)


def raised(by: float) -> Callable[[str], str]:
    return lambda text: repr(float(text) + by)


def edit_definitions(folder: Path) -> None:
    path = folder / "definitions.json"
    about = json.loads(path.read_text())
    about["formula"]["score"] = "21*psnr/50"
    path.write_text(json.dumps(about))


def test_an_untouched_export_fits_and_the_formula_is_named(folder):
    findings = {item.check: item for item in verify_export(folder)}
    assert misfits(folder) == {}
    assert findings["scores.csv"].message == "S2 of 4 teams, EScore of 4 models"
    assert "s2 = 20*psnr/50 + 15*(ssim-0.5)/0.5" in findings["rule.json"].message


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        (put("paired.csv", 2, "psnr", raised(0.1)), "scores.csv", "line 3 (team02, 101): score is"),
        (put("paired.csv", 2, "score", raised(0.1)), "scores.csv", "line 3 (team02, 101): score is"),
        (put("paired.csv", 5, "formula", "psnr"), "scores.csv", "two formulas, "),
        (put("scores.csv", 1, "s2", raised(0.001)), "scores.csv", "scores.csv, line 2 (team01): s2 is"),
        (put("scores.csv", 3, "escore", raised(10 / 3)), "scores.csv", "line 4 (team03): escore is"),
        (put("measures.csv", 4, "time_ms", "10.7"), "scores.csv", "does not fit"),
        (put("measures.csv", 4, "params_m", "9"), "scores.csv", "escore is"),
        (put("ranking.csv", 1, "s2", raised(1)), "ranking.csv", "s2 is"),
        (put("ranking.csv", 1, "final", raised(1)), "ranking.csv", "final is"),
        (edit_definitions, "scores.csv", "the formula in definitions.json differs from the ledger"),
        (lambda folder: (folder / "scores.csv").unlink(), "scores.csv", "scores.csv has no s2"),
    ],
)  # fmt: skip
def test_each_change_is_found_and_named(folder, change, check, said):
    change(folder)
    found = misfits(folder)
    assert said in found[check], found


def test_a_changed_rule_in_the_export_is_found(folder):
    path = folder / "rule.json"
    path.write_text(path.read_text().replace('"awards": [\n    1', '"awards": [\n    2'))
    assert "rule.json differs from the ledger's rule" in misfits(folder)["rule.json"]


def test_metrics_and_scores_changed_together_do_not_fit_the_ranking(folder):
    with (folder / "paired.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["team"] == "team04":
            row["psnr"] = repr(float(row["psnr"]) + 5)
            row["score"] = repr(float(row["score"]) + 2)
    with (folder / "paired.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert "(team04): s2 is" in misfits(folder)["scores.csv"]


def test_the_formula_in_the_ledger_decides(folder):
    def heavier(events):
        opened = next(event for event in of(events, "study") if event["body"]["kind"] == "opened")
        opened["body"]["rules"]["rule"]["rules"]["s2"]["score"] = "25*psnr/50"
        return reclose(events)

    edit_events(heavier)(folder)
    assert "differs from the ledger" in misfits(folder)["scores.csv"]
    assert "rule.json differs from the ledger's rule" in misfits(folder)["rule.json"]


def test_the_study_itself_verifies_with_its_export(study):
    workspace = open_workspace(study, url=f"sqlite:///{study}/var/study.db")
    with workspace.database.reading() as session:
        findings = verify_study(session, workspace)
    workspace.database.close()
    assert [item.message for item in findings if item.verdict == "wrong"] == []
