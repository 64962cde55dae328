"""`studyapp score`: what is computed, what is written, and what is said of files that cannot be scored."""

import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from analysis.paired.psnr import psnr
from analysis.paired.ssim import ssim
from studyapp.cli import main
from studyapp.errors import StudyError, StudyStateError
from studyapp.services.ground.only_run import only_run
from studyapp.services.paired.score_files import changed_files, note_times, read_saved
from studyapp.services.paired.scoring import ScoringChoice, score_study
from studyapp.settings import Folders
from tests.conftest import TEAMS
from tests.dask_cluster import dask_cluster
from tests.imaging.decoded import load_rgb
from tests.paired_study import OWN_FORMULA, PAIRS, SIDE, save, write_paired_study

ONE = ScoringChoice(workers=1)


@pytest.fixture(scope="module")
def scored_once(tmp_path_factory) -> Path:
    root = write_paired_study(tmp_path_factory.mktemp("paired") / "study")
    score_study(root, ONE)
    return root


@pytest.fixture
def root(scored_once, tmp_path) -> Path:
    """A study folder, scored; one's own."""
    return Path(shutil.copytree(scored_once, tmp_path / "study"))


def tables(root: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in (root / "var/scores").iterdir() if path.name != "files.json"
    }


def pixels(path: Path) -> np.ndarray:
    return load_rgb(path, 10**6).pixels


def test_every_value_is_that_of_the_files_and_score_follows_from_them(root):
    saved = read_saved(root / "var/scores")
    assert list(saved.images["image"].unique()) == list(PAIRS)
    for row in saved.images.to_dict("records"):
        truth = pixels(root / f"paired/gt/{row['image']}.png")
        result = pixels(root / f"paired/teams/{row['team']}/{row['image']}.png")
        assert row["psnr"] == psnr(result, truth)
        assert row["ssim"] == ssim(result, truth)
        assert row["score"] == pytest.approx(20 * row["psnr"] / 50 + 15 * (row["ssim"] - 0.5) / 0.5)
    assert list(saved.teams["team"]) == list(TEAMS)  # the noisier, the worse
    assert set(saved.images["formula"]) == {OWN_FORMULA}
    means = saved.images.groupby("team")["score"].mean()
    for row in saved.teams.to_dict("records"):
        assert row["score"] == pytest.approx(means[row["team"]], rel=1e-12)


def test_pixels_are_those_that_judges_would_see(root):
    path = root / "paired/teams/team02/101.png"
    eight = pixels(path)[..., 0]
    truth = np.repeat(eight[:, :, None], 3, axis=2)
    save(truth, root / "paired/gt/101.png")
    Image.fromarray((eight.astype(np.uint16) << 8) + 77).save(path)
    saved, _ = score_study(root, ONE)
    row = saved.images.set_index(["team", "image"]).loc[("team02", "101")]
    assert row["psnr"] == pytest.approx(80)  # the high byte of 16 bits, hence identical


def test_a_bad_file_is_its_own_teams_trouble(root):
    teams = root / "paired/teams"
    data = (teams / "team01/101.png").read_bytes()
    (teams / "team01/101.png").write_bytes(data[: len(data) // 2])
    (teams / "team02/102.png").unlink()
    save(np.zeros((SIDE, SIDE + 2, 3)), teams / "team03/103.png")
    done = CliRunner().invoke(main, ["score", str(root), "--workers", "1", "--format", "json"])
    assert done.exit_code == 0, done.stderr
    said = {(row["team"], row["image"]): row["problem"] for row in json.loads(done.stdout)["problems"]}
    assert set(said) == {("team01", "101"), ("team02", "102"), ("team03", "103")}
    assert "paired/teams/team01/101.png: cannot be read as PNG" in said["team01", "101"]
    assert "team02, 102: paired/teams/team02/102.png is missing" in done.stderr
    scores = {row["team"]: (row["n"], row["score"]) for row in json.loads(done.stdout)["means"]}
    assert scores["team04"][1] > 0
    assert all(scores[team] == (2, None) for team in TEAMS[:3])


def test_missing_weights_are_one_message_and_no_score(root, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nothing"))
    text = (root / "study.yaml").read_text()
    (root / "study.yaml").write_text(text[: text.index("rules:")])
    for image in PAIRS:  # large enough for NIQE
        for path in (root / "paired").rglob(f"{image}.png"):
            with Image.open(path) as small:
                small.resize((200, 200), Image.Resampling.NEAREST).save(path)
    done = CliRunner().invoke(main, ["score", str(root), "--workers", "1"])
    assert done.exit_code == 1
    for name in ("alexnet-owt-7be5be79.pth", "vgg16-397923af.pth"):
        (line,) = [line for line in done.stderr.splitlines() if name in line]
        assert str(tmp_path / "nothing/hub/checkpoints") in line
        assert "`studyapp analyse weights fetch`" in line
    saved = read_saved(root / "var/scores")
    assert saved.images["score"].isna().all()
    assert saved.images["psnr"].notna().all()
    assert saved.formula.score.text.startswith("20*psnr/50")
    assert [message.split()[0] for message in saved.lacking] == ["lpips", "dists"]


def test_an_extra_column_without_weights_leaves_the_score_alone(root, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nothing"))
    before = read_saved(root / "var/scores").images["score"]
    done = CliRunner().invoke(main, ["score", str(root), "--workers", "1", "--extra", "lpips"])
    assert done.exit_code == 0, done.stderr
    assert "lpips is not computed: alexnet" in done.stderr
    saved = read_saved(root / "var/scores")
    assert saved.lacking == []
    assert saved.images["score"].tolist() == before.tolist()


def test_the_weights_can_be_checked_by_a_verb(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    done = CliRunner().invoke(main, ["analyse", "weights", "check"])
    assert done.exit_code == 1
    assert done.stderr.count("`studyapp analyse weights fetch`") == 2
    done = CliRunner().invoke(main, ["analyse", "weights", "fetch", "--source", "http://127.0.0.1:9/"])
    assert done.exit_code == 2
    assert "cannot download http://127.0.0.1:9/alexnet" in done.stderr
    assert f"put the file at {tmp_path}" in done.stderr


def test_one_team_is_scored_anew_and_the_others_keep_their_rows(root):
    before = read_saved(root / "var/scores")
    shutil.copy(root / "paired/gt/101.png", root / "paired/teams/team03/101.png")
    for team in ("team01", "team04"):
        shutil.copy(root / "paired/gt/102.png", root / f"paired/teams/{team}/102.png")
    after, _ = score_study(root, ScoringChoice(teams=("team03",), workers=1))
    changed = after.images["psnr"].to_numpy() != before.images["psnr"].to_numpy()
    assert after.images.loc[changed, ["team", "image"]].to_numpy().tolist() == [["team03", "101"]]
    assert changed_files(root, after.files)[0] == [
        "paired/teams/team01/102.png changed",
        "paired/teams/team04/102.png changed",
    ]
    (root / "study.yaml").write_text((root / "study.yaml").read_text().replace("20*psnr", "21*psnr"))
    with pytest.raises(StudyError, match="another formula; score all"):
        score_study(root, ScoringChoice(teams=("team03",), workers=1))


def test_a_single_metric_is_printed_and_makes_no_score(root):
    before = tables(root)
    done = CliRunner().invoke(
        main, ["score", str(root), "--metric", "psnr", "--format", "json", "--workers", "1"]
    )
    assert done.exit_code == 0, done.stderr
    assert {row["score"] for row in json.loads(done.stdout)["means"]} == {None}
    done = CliRunner().invoke(main, ["score", str(root), "--metric", "psnr", "--workers", "1"])
    assert done.stdout.splitlines()[0] == "team,n,of,psnr"
    assert OWN_FORMULA not in done.stderr
    assert tables(root) == before


def test_a_single_metric_that_cannot_be_had_is_no_success(root, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nowhere"))
    done = CliRunner().invoke(main, ["score", str(root), "--metric", "lpips", "--workers", "1"])
    assert done.exit_code == 1
    assert "lpips is not computed" in done.stderr
    assert "no SCORE" not in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--team", "team1"], "no team 'team1' in study.yaml; did you mean 'team01'?"),
        (["--metric", "psnrr"], "metric 'psnrr'"),
        (["--scheduler", "tcp://127.0.0.1:9"], "no scheduler answers at 'tcp://127.0.0.1:9'"),
    ],
)
def test_what_cannot_be_done_is_named(root, options, said, monkeypatch):
    monkeypatch.setattr("studyapp.batch.cluster.PATIENCE", 1.0)
    done = CliRunner().invoke(main, ["score", str(root), *options])
    assert done.exit_code == 2
    assert said in done.stderr


def test_teams_are_never_joined_on_different_ground_truths_or_colours(root):
    before = tables(root)
    one = ScoringChoice(teams=("team01",), workers=1)
    truth = root / "paired/gt/101.png"
    shutil.move(truth, root / "kept.png")
    shutil.copy(root / "paired/gt/102.png", truth)
    with pytest.raises(StudyError, match="ground truth of 101 changed since the other teams were scored"):
        score_study(root, one)
    shutil.move(root / "kept.png", truth)
    save(np.zeros((SIDE, SIDE, 3)), root / "paired/gt/109.png")
    with pytest.raises(StudyError, match=r"scored on other pairs \(109\); score all"):
        score_study(root, one)
    (root / "paired/gt/109.png").unlink()
    text = (root / "study.yaml").read_text()
    (root / "study.yaml").write_text(text + "other_colors: refuse\n")
    with pytest.raises(StudyError, match="scored by other rules for their colours"):
        score_study(root, one)
    (root / "study.yaml").write_text(text)
    score_study(root, one)
    assert tables(root) == before


@pytest.mark.parametrize("place", ["teams/team02", "gt"])
def test_of_two_files_for_one_image_none_is_scored(root, place):
    """Which of them counts would be up to the alphabet."""
    with Image.open(root / f"paired/{place}/102.png") as image:
        image.save(root / f"paired/{place}/102.jpg")
    scored, _ = score_study(root, ONE)
    rows = scored.images.set_index(["team", "image"])["score"]
    refused = {(team, "102") for team in (TEAMS if place == "gt" else ("team02",))}
    assert {key for key, value in rows.items() if np.isnan(value)} == refused
    problems = {(row["team"], row["image"]): row["problem"] for row in scored.about["problems"]}
    assert set(problems) == refused
    assert "two files could be the" in problems["team02", "102"]
    assert "102.jpg and 102.png; keep one" in problems["team02", "102"]


def test_a_team_without_results_and_a_study_without_pairs(root):
    shutil.rmtree(root / "paired/teams/team02")
    assert set(score_study(root, ONE)[0].teams["team"]) == set(TEAMS) - {"team02"}
    with pytest.raises(StudyError, match="has no results in paired/teams/team02"):
        score_study(root, ScoringChoice(teams=("team02",)))
    shutil.rmtree(root / "paired")
    with pytest.raises(StudyError, match="put ground truths into paired/gt"):
        score_study(root, ONE)


def test_an_interrupted_run_writes_nothing_and_the_next_one_goes_on(root):
    expected = tables(root)
    shutil.rmtree(root / "var")

    def interrupt(_stage: str, done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_study(root, ONE, progress=interrupt)
    assert not (root / "var/scores").exists()
    kept = {path: path.stat().st_mtime_ns for path in (root / "var/cache").rglob("*.json")}
    assert len(kept) >= 2 * 2 * len(TEAMS)
    score_study(root, ONE)
    assert tables(root) == expected
    assert all(path.stat().st_mtime_ns == then for path, then in kept.items())


def test_two_runs_at_once_are_refused(root):
    with only_run(Folders(root).metrics_cache, "scoring"), pytest.raises(StudyStateError, match="another"):
        score_study(root, ONE)


def test_changed_files_are_told_by_content(root):
    saved = read_saved(root / "var/scores")
    assert len(saved.files) == len(PAIRS) * (1 + len(TEAMS))
    os.utime(root / "paired/gt/101.png", ns=(1, 1))
    changed, noted = changed_files(root, saved.files)
    assert changed == []
    assert [name for name in noted if noted[name] != saved.files[name]] == ["paired/gt/101.png"]
    note_times(root / "var/scores", noted)
    assert read_saved(root / "var/scores").files == noted
    (root / "paired/gt/101.png").unlink()
    shutil.copy(root / "paired/gt/103.png", root / "paired/gt/102.png")
    assert changed_files(root, saved.files)[0] == ["paired/gt/101.png is gone", "paired/gt/102.png changed"]


def test_tables_that_do_not_belong_together_are_refused(root):
    path = root / "var/scores/images.csv"
    path.write_text(path.read_text().replace("team01", "team02", 1))
    with pytest.raises(StudyError, match="is not what `studyapp score` wrote"):
        read_saved(root / "var/scores")


@pytest.mark.slow  # a cluster's own test kills no worker
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(os.name != "posix", reason="kills a worker")
def test_a_cluster_that_loses_a_worker_writes_the_same(root):
    pytest.importorskip("distributed", reason="needs the extra [cluster]")
    expected = tables(root)
    shutil.rmtree(root / "var")
    with dask_cluster() as (address, workers):

        def kill_one(_stage: str, done: int, _total: int) -> None:
            if done == 1:
                os.kill(workers[0].pid, signal.SIGKILL)

        score_study(root, ScoringChoice(scheduler=address), progress=kill_one)
        assert workers[0].wait() == -signal.SIGKILL
        assert workers[1].poll() is None
    assert tables(root) == expected
