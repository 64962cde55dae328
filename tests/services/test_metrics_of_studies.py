"""A study's export with metrics of the candidates: tables, report, what is stale, what is hidden."""

import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from frictionless import Package
from sqlalchemy.engine import make_url

from analysis.cli import main
from analysis.files import file_sha256
from analysis.paired.images import Decoder
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.paired.score_files import describe_files
from studyapp.services.paired.unpaired import CandidateMetrics, write_unpaired
from studyapp.services.results.exports import export_study, lacking
from studyapp.services.results.pictures import ShownPictures, shown_pictures
from studyapp.services.results.ranking import rank_study
from tests.conftest import IMAGES, TEAMS
from tests.services.joined import closed_joined_study


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    root = closed_joined_study(tmp_path_factory.mktemp("metrics") / "study")
    rng = np.random.default_rng(3)
    paths = {(team, image): root / "teams" / team / f"{image}.png" for image in IMAGES for team in TEAMS}
    before = describe_files(root, paths.values())
    hashes = {path.relative_to(root).as_posix(): file_sha256(path) for path in paths.values()}
    rows = [
        (team, image, rng.uniform(3, 6), rng.uniform(40, 60), file_sha256(path))
        for (team, image), path in paths.items()
    ]
    write_unpaired(
        root / "var/unpaired",
        CandidateMetrics(
            pd.DataFrame(rows, columns=["team", "image", "niqe", "odd", "sha256"]),
            {
                "metrics": [{"name": "niqe", "better": "lower"}, {"name": "odd", "better": "higher"}],
                "missing": [],
                "problems": [],
                "pixels": Decoder().rules,
                "notes": [],
            },
            {name: {**known, "sha256": hashes[name]} for name, known in before.items()},
        ),
    )
    return root


def exported(root):
    workspace = open_workspace(root, url=make_url(f"sqlite:///{root}/var/study.db"))
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
    workspace.database.close()
    return workspace


@pytest.fixture(scope="module")
def folder(closed):
    return exported(closed).folders.exports


def test_an_export_has_the_metrics_and_how_they_agree(folder):
    names = {"unpaired.csv", "unpaired.json", "metrics_against_judges.csv", "metric_differences.csv"}
    assert names <= {path.name for path in folder.iterdir()}
    described = Package(str(folder / "datapackage.json")).validate()
    assert described.valid, described.flatten(["name", "rowNumber", "fieldName", "note"])
    found = pd.read_csv(folder / "metrics_against_judges.csv")
    assert {"niqe", "odd", "score"} <= set(found["metric"])
    assert set(found.loc[found["metric"] == "score", "of"]) == {"pairs"}
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Do metrics agree with the judges?" in page
    assert "data:image/jpeg;base64," in page
    assert (folder / "metrics.tex").is_file()


def test_the_command_finds_the_same_in_the_export(folder):
    arguments = ["metrics", "votes.csv", "--candidates", "unpaired.csv", "--definitions", "unpaired.json"]
    named = [str(folder / name) if "." in name else name for name in arguments]
    rule = ["--rule", str(folder / "rule.json"), "--table", "measures", "--draws", "0", "--format", "csv"]
    done = CliRunner().invoke(main, [*named, *rule])
    assert done.exit_code == 0, done.output
    (folder.parent / "again.csv").write_text(done.stdout)
    again, found = (
        pd.read_csv(path).query("of == 'candidates'").set_index(["metric", "level", "measure"])["value"]
        for path in (folder.parent / "again.csv", folder / "metrics_against_judges.csv")
    )
    assert again.to_dict() == pytest.approx(found.to_dict(), nan_ok=True)


def test_candidates_that_changed_are_left_out_and_named(closed, tmp_path):
    root = shutil.copytree(closed, tmp_path / "study")
    changed = root / "teams" / TEAMS[0] / f"{IMAGES[0]}.png"
    changed.write_bytes(changed.read_bytes() + b"x")
    workspace = exported(root)
    assert not (workspace.folders.exports / "unpaired.csv").exists()
    told = lacking(workspace.folders.exports)
    assert any(f"teams/{TEAMS[0]}/{IMAGES[0]}.png changed" in line for line in told)


def test_pictures_are_given_of_a_closed_study_alone(closed):
    workspace = open_workspace(closed, url=make_url(f"sqlite:///{closed}/var/study.db"))
    with workspace.database.reading() as session:
        shown = shown_pictures(session, workspace)
        assert set(shown.candidates) == {(image, team) for image in shown.inputs for team in TEAMS}
        assert set(IMAGES) < set(shown.inputs)  # and the one for practice
        from studyapp.services.ground.studies import the_study

        the_study(session).state = "open"
        with session.no_autoflush:
            assert shown_pictures(session, workspace) == ShownPictures()
        session.rollback()
    workspace.database.close()
