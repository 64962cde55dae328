"""The demo end to end: real pictures, the real server, simulated judges, a ranking."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from studyapp.core.judges_file import JudgeLine
from studyapp.errors import StudyError
from studyapp.sample import demo
from studyapp.sample.browser import Browser, SimulationError
from studyapp.sample.build import sample_originals, study_yaml
from studyapp.sample.entries import ENTRIES
from studyapp.sample.judges import run_simulated_judges
from studyapp.sample.serving import serving
from studyapp.services.folder.preparing import prepare_study
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results import answers, monitoring
from tests import shortcuts
from tests.conftest import NOW

JUDGES = 6
"""The first so many of the sample's judges vote here."""


@pytest.fixture(scope="module", autouse=True)
def own_database():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        yield


@pytest.fixture(scope="module")
def tiled(tmp_path_factory) -> Path:
    """Return the small sample study, tiled; copy it, do not change it."""
    root = tmp_path_factory.mktemp("sample") / "study"
    demo.prepare_sample(root, size="small", echo=_silent)
    demo.score_sample(root, echo=_silent)
    judges = root / "judges.csv"
    kept = judges.read_text(encoding="utf-8").splitlines()[: 1 + JUDGES]  # a vote takes long, by HTTP
    judges.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def ranked(tiled, tmp_path_factory) -> Path:
    """Return the folder of a finished demo."""
    root = tmp_path_factory.mktemp("demo")
    shutil.copytree(tiled, root / "ranked")
    demo.run_demo(root, serve=False, port=0, echo=_silent, size="small")
    return root


def _silent(_: str) -> None:
    """Say nothing."""


def _votes(root: Path) -> pd.DataFrame:
    return pd.read_csv(root / "var" / "exports" / "votes.csv")


def test_every_judge_answers_every_image_and_practice_does_not_count(ranked: Path):
    table = _votes(ranked / "ranked")
    assert sorted(table["image"].unique()) == [1, 2, 3]
    assert len(table) == JUDGES * 3 * len(ENTRIES)
    picks = table.dropna(subset="rank").groupby(["judge", "image"])["rank"].apply(sorted)
    assert len(picks) == JUDGES * 3
    assert all(ranks == [1, 2, 3] for ranks in picks)


def test_every_table_made_of_votes_says_that_they_are_simulated(ranked: Path):
    tables = {path.name: pd.read_csv(path) for path in (ranked / "ranked/var/exports").glob("*.csv")}
    assert set(tables) == {
        *("votes.csv", "design.csv", "points.csv", "ranking.csv"),
        *("scores.csv", "paired.csv", "measures.csv", "columns.csv", "reasons.csv"),
    }
    for name in ("votes.csv", "design.csv", "points.csv", "ranking.csv"):
        assert tables[name]["simulated"].all(), name


def test_the_ranking_joins_all_three_parts_and_states_the_formula(ranked: Path):
    exports = ranked / "ranked/var/exports"
    table = pd.read_csv(exports / "ranking.csv")
    assert set(table["s2_formula"]) == {"20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)"}
    share = table["s3"] / table["s3"].max()
    np.testing.assert_allclose(table["final"], 0.2 * table["s2"] + 0.8 * (table["escore"] + 100 * share))
    assert table["escore"].sum() == pytest.approx(
        3 * 5 * len(ENTRIES), abs=10
    )  # ties share, and add a little
    assert (table["final_low"] <= table["final"]).all()
    assert (table["final_low"] < table["final_high"]).sum() >= len(ENTRIES) - 1
    page = (exports / "report.html").read_text(encoding="utf-8")
    assert "20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)" in page


def test_a_sharpened_noise_never_wins_and_a_denoiser_does(ranked: Path):
    points = _votes(ranked / "ranked").assign(points=lambda table: (4 - table["rank"]).fillna(0))
    order = points.groupby("team")["points"].sum().sort_values(ascending=False).index
    methods = {entry.id: entry.method for entry in ENTRIES}
    assert methods[order[0]] in {
        "non-local means",
        "bilateral filter",
        "wavelet shrinkage",
        "total variation",
    }
    assert methods[order[-1]] == "unsharp mask"


def test_votes_follow_the_pixels_and_not_the_slots(ranked: Path, tiled: Path, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(tiled, other, ignore=shutil.ignore_patterns("study.key", "study.db*"))
    ensure_key(other, key=bytes(32))
    prepare_study(other, workers=1, progress=None, now=NOW)
    demo.collect_votes(other, size="small", echo=_silent)
    workspace = open_workspace(other)
    with workspace.database.reading() as session:
        table = answers.answers_table(session)
    workspace.database.close()
    known = _votes(ranked / "ranked")
    table["image"] = table["image"].astype(int)
    both = known.merge(table, on=["judge", "image", "team"], suffixes=("", "_other"))
    assert len(both) == len(known)
    assert (both["slot"] != both["slot_other"]).mean() > 0.5
    np.testing.assert_array_equal(both["rank"].fillna(0), both["rank_other"].fillna(0))


def test_a_second_simulation_answers_only_what_is_open(tiled: Path, tmp_path: Path):
    root = tmp_path / "study"
    shutil.copytree(tiled, root)
    workspace = open_workspace(root)
    cast = [JudgeLine(name, f"{name}@example.org") for name in ("jude", "june")]
    with workspace.database.writing() as session:
        tokens = {
            item.name: item.token for item in invitations.invite_judges(session, workspace.key, cast, now=NOW)
        }
    originals = sample_originals("small")
    with serving(root) as server:
        links = {name: f"{server.url}/j/{token}" for name, token in tokens.items()}
        first = run_simulated_judges({"jude": links["jude"]}, seed=1, originals=originals)
        both = run_simulated_judges(links, seed=1, originals=originals)
    assert (first.judges, first.trials) == (1, 3)
    assert (both.judges, both.trials) == (2, 3)
    with workspace.database.reading() as session:
        status = monitoring.study_status(session)
    workspace.database.close()
    assert [judge.complete for judge in status.judges] == [3, 3]
    assert all(judge.finished_at for judge in status.judges)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pairwise", "dcr"])
def test_the_sample_asks_in_another_way_and_the_worst_method_is_found(tiled: Path, tmp_path: Path, kind: str):
    root = tmp_path / "study"
    if kind == "pairwise":  # the pictures are those of top_k, and need not be made again
        shutil.copytree(tiled, root, ignore=shutil.ignore_patterns("study.db*", "paired"))
        (root / "study.yaml").write_text(study_yaml("small", kind=kind, joined=False), encoding="utf-8")
    demo.prepare_sample(root, size="small", kind=kind, echo=_silent)
    (root / "judges.csv").write_text("name,email,conflicts\nJude,jude@example.org,\n", encoding="utf-8")
    demo.collect_votes(root, size="small", echo=_silent)
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        table = answers.answers_table(session)
    workspace.database.close()
    table = table[table["kind"] == "main"]
    if kind == "dcr":
        assert len(table) == 3 * len(ENTRIES)
        worth = table.groupby("team")["score"].mean()
    else:
        assert len(table) == 3 * 21
        won = table["team_a"].where(table["answer"] == "a", table["team_b"].where(table["answer"] == "b"))
        worth = won.value_counts().reindex([entry.id for entry in ENTRIES], fill_value=0)
    methods = {entry.id: entry.method for entry in ENTRIES}
    assert methods[worth.idxmin()] == "unsharp mask"


def test_a_demo_in_the_folder_of_another_protocol_is_refused(ranked: Path):
    with pytest.raises(StudyError, match=r"is a study with the protocol top_k; choose another folder"):
        demo.run_demo(ranked, serve=False, port=0, echo=_silent, size="small", kind="acr")


@pytest.mark.slow
def test_a_second_run_votes_no_more_and_serves_results_and_an_open_study_until_interrupted(
    ranked: Path, tmp_path: Path
):
    exports = ranked / "ranked/var/exports"
    before = {path.name: path.read_bytes() for path in exports.iterdir()}
    root = tmp_path / "demo"
    shutil.copytree(ranked, root)
    call = f"run_demo(Path({str(root)!r}), serve=True, port=0, echo=print, size='small')"
    code = (
        "from pathlib import Path; from studyapp.sample.demo import run_demo; from tests import shortcuts; "
        f"shortcuts.take_all({sorted(shortcuts.taken)!r}); {call}"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            said = list(_until_served(process))
            links = {line.split()[0]: line.split()[-1] for line in said}
            assert any("SIMULATED" in line for line in said)
            again = ("building", "checked", "scored", "SIMULATED judges")
            assert not any(line.startswith(again) for line in said)
            written = root / "ranked/var/exports"
            assert {path.name: path.read_bytes() for path in written.iterdir()} == before
            results, trial = Browser(links["organiser"]), Browser(links["judge"])
            assert b"imulated" in results.get(links["organiser"]).body
            trial.get(links["judge"])
            todo = trial.get("/api/trials").json()
            assert todo["state"] == "open"
            assert len(todo["trials"]) == 3
            process.terminate()
            assert process.wait(30) == 0
            for browser in (results, trial):
                with pytest.raises(SimulationError, match="is the server up"):
                    browser.get("/")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _until_served(process: subprocess.Popen[str]):
    for line in process.stdout or ():
        if line.startswith("Ctrl-C"):
            return
        if line.strip():
            yield line


def test_a_server_that_cannot_start_is_named(tmp_path: Path):
    with pytest.raises(StudyError, match="did not start"), serving(tmp_path / "nowhere"):
        pass


def test_demo_refuses_a_database_that_is_not_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", "sqlite:////nowhere/study.db")
    with pytest.raises(StudyError, match="unset STUDYAPP_DATABASE_URL"):
        demo.run_demo(tmp_path, serve=False, port=0, echo=_silent)
