"""The report's section about metrics: what it says, the pictures on the page, names, the LaTeX table."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.cli import main
from analysis.metrics_against_judges.summary import metrics_summary
from analysis.metrics_against_judges.table import validate_metrics
from analysis.parts import Parts
from analysis.ratings import validate_ratings
from analysis.report.blocks import Pictures, Table, Text
from analysis.report.metrics_part import metrics_latex, metrics_section
from analysis.report.study import make_study
from analysis.report.write import write_report
from analysis.resampling.joint import joint_draws, observe
from analysis.resampling.two_way import Sampling
from analysis.rule import read_rule
from tests.made_up_studies import made_up

TEAMS = [f"team{number}" for number in range(1, 7)]
IMAGES = ["001", "002", "003", "004"]
NAMES = {team: f"The {team} & Co" for team in TEAMS}


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(1)
    rows = [
        (f"J{judge}", image, team, float(np.clip(round(2 + number / 2 + rng.normal(0, 0.7)), 1, 5)))
        for judge in range(5)
        for image in IMAGES
        for number, team in enumerate(TEAMS)
    ]
    return validate_ratings(pd.DataFrame(rows, columns=["judge", "image", "team", "score"]))


@pytest.fixture(scope="module")
def metrics(answers):
    rng = np.random.default_rng(2)
    rows = [
        (team, image, 8 - number + rng.normal(0, 1), rng.normal())
        for image in IMAGES
        for number, team in enumerate(TEAMS)
    ]
    table = validate_metrics(pd.DataFrame(rows, columns=["team", "image", "niqe", "blind"]))
    return metrics_summary(
        answers,
        rule=read_rule("mos"),
        candidates=table,
        higher=["blind"],
        sampling=Sampling(100),
        rng=np.random.default_rng(0),
    )


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teams")
    found = {}
    for team in TEAMS:
        for image in IMAGES:
            path = folder / f"{team}-{image}.png"
            Image.fromarray(np.full((500, 700, 3), 90, np.uint8)).save(path)
            found[image, team] = path
    return found


@pytest.fixture(scope="module")
def drawn(answers):
    return joint_draws(observe(answers, Parts(), read_rule("mos")), draws=100, seed=1)


def test_the_section_has_levels_differences_and_the_worst_images(drawn, metrics):
    (section,) = metrics_section(make_study(drawn, metrics=metrics))
    tables = [block for block in section.blocks if isinstance(block, Table)]
    assert [table.caption.split(":")[0] for table in tables[:3]] == [
        "Within images",
        "All candidates of all images on one scale. SROCC can reach "
        + tables[1].caption.split("SROCC can reach ")[1],
        "Teams",
    ]
    assert list(tables[0].frame["Metric"]) == ["niqe", "blind"]
    intro = section.blocks[0]
    assert isinstance(intro, Text)
    assert "For niqe lower is better, so the sign is reversed here" in intro.text
    assert not any(isinstance(block, Pictures) for block in section.blocks)


def test_there_is_no_section_without_metrics(drawn):
    assert metrics_section(make_study(drawn)) == []


def test_the_page_shows_small_pictures_under_the_names_of_the_report(drawn, metrics, pictures, tmp_path):
    written = write_report(drawn, tmp_path, team_names=NAMES, metrics=metrics, pictures=pictures)
    assert written.failures == ()
    page = written.html.read_text(encoding="utf-8")
    worst = min(metrics["worst"], key=lambda row: row["srocc"])
    assert f"judges prefer The {worst['judges_prefer']} &amp; Co" in page
    own = page.partition("Do metrics agree with the judges?</h2>")[2].partition("</section>")[0]
    assert own.count("data:image/jpeg;base64,") == 2 * len({row["image"] for row in metrics["worst"]})
    assert "of at most" in page
    latex = (tmp_path / "metrics.tex").read_text(encoding="utf-8")
    assert "\\begin{tabular}{lrccccc}" in latex
    assert tmp_path / "metrics.tex" in written.files


def test_pictures_are_reduced(drawn, metrics, pictures):
    (section,) = metrics_section(make_study(drawn, metrics=metrics, pictures=pictures))
    block = next(block for block in section.blocks if isinstance(block, Pictures))
    for _, data in block.shown:
        assert data[:2] == b"\xff\xd8"
        assert len(data) < 20_000


@pytest.mark.parametrize("protocol", ["ranking", "pairwise", "acr_hr"])
def test_metrics_are_compared_with_answers_of_every_kind(protocol):
    study = made_up(protocol, 4, judges=3, images=3)
    (section,) = metrics_section(study)
    tables = [block.caption for block in section.blocks if isinstance(block, Table)]
    assert any(caption.startswith("Teams: judges' scores") for caption in tables)
    assert study.metrics["judged_by"] in section.blocks[0].text


def test_the_latex_table_escapes_and_says_what_is_simulated(metrics):
    latex = metrics_latex(metrics, "A & B", simulated=True)
    assert "A \\& B" in latex
    assert "SIMULATED" in latex
    assert "nan" not in latex


def test_the_command_reads_candidates_directions_and_pictures(answers, tmp_path):
    rng = np.random.default_rng(2)
    answers.table.to_csv(tmp_path / "ratings.csv", index=False)
    rows = [(team, image, rng.normal(), rng.normal()) for image in IMAGES for team in TEAMS]
    pd.DataFrame(rows, columns=["team", "image", "mine", "nobodys"]).to_csv(
        tmp_path / "unpaired.csv", index=False
    )
    (tmp_path / "unpaired.json").write_text('{"metrics": [{"name": "mine", "better": "lower"}]}')
    for team in TEAMS:
        (tmp_path / "teams" / team).mkdir(parents=True)
        for image in IMAGES:
            Image.fromarray(np.full((20, 30, 3), 90, np.uint8)).save(
                tmp_path / "teams" / team / f"{image}.png"
            )
    map_of = "{},{},main,t{},1,60,30,20,10,1 1 1 1 1 9\n"
    (tmp_path / "looking_maps.csv").write_text(
        "judge,image,kind,trial,visits,seconds,width,height,cell,cells\n"
        + "".join(map_of.format("j1", image, image) for image in IMAGES)
    )
    done = CliRunner().invoke(
        main,
        [
            *("report", str(tmp_path / "ratings.csv"), "--candidates", str(tmp_path / "unpaired.csv")),
            *("--candidate-definitions", str(tmp_path / "unpaired.json")),
            *("--pictures", str(tmp_path / "teams"), "--output", str(tmp_path / "out"), "--draws", "100"),
            *("--inputs", str(tmp_path / "teams" / TEAMS[0]), "--looking", str(tmp_path)),
        ],
    )
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "For mine lower is better, so the sign is reversed here" in page
    assert "data:image/jpeg;base64," in page
    assert "Image 001, 30 x 20 pixels at (0, 0): the whole image." in page
    assert 'alt="Input"' in page
    assert "nobodys" not in page
    assert "metrics.tex" in done.stdout
