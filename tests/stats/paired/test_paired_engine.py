"""The scoring engine: values, resuming, bad files, missing weights, and the same answer however it is run."""

import contextlib
import io
import json
import math
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from analysis.errors import AnalysisError
from analysis.paired.backends import Tools
from analysis.paired.engine import score_pairs
from analysis.paired.images import Decoder
from analysis.paired.measuring import Pair
from analysis.paired.niqe import niqe
from analysis.paired.psnr import psnr
from analysis.paired.score import RAIM
from analysis.paired.ssim import ssim
from analysis.rule import read_rule

REDUCED = read_rule("reduced").final

TEAMS = ("Tern", "Plover")


@pytest.fixture
def study(tmp_path, pictures):
    """Two pairs with the results of two teams; Plover's are noisier."""
    pairs = []
    for image in ("101", "102"):
        result, gt = pictures["leaves" if image == "101" else "odd"]
        noise = np.random.RandomState(int(image)).randint(-25, 26, gt.shape)
        noisier = np.clip(result.astype(int) + noise, 0, 255).astype(np.uint8)
        paths = {}
        for folder, pixels in (("gt", gt), ("Tern", result), ("Plover", noisier)):
            paths[folder] = tmp_path / folder / f"{image}.png"
            paths[folder].parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(paths[folder])
        pairs.append(Pair(image, paths["gt"], {team: paths[team] for team in TEAMS}))
    return pairs


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield lambda _workers: contextlib.nullcontext(threads)


def stored(path):
    with Image.open(path) as image:
        return np.asarray(image)


def reduced(study, pool, **options):
    return score_pairs(study, formula=REDUCED, open_pool=pool, **options)


def test_table_holds_each_results_values_and_means_are_theirs(study, pool):
    scores = reduced(study, pool)
    assert list(scores.table[["image", "team"]].itertuples(index=False, name=None)) == [
        (pair.image, team) for pair in study for team in TEAMS
    ]
    rows = scores.table.set_index(["image", "team"])
    for pair in study:
        gt = stored(pair.gt)
        for team, path in pair.results.items():
            result, row = stored(path), rows.loc[(pair.image, team)]
            values = (psnr(result, gt), ssim(result, gt), niqe(result))
            assert (row["psnr"], row["ssim"], row["niqe"]) == values
            assert row["score"] == pytest.approx(
                20 * values[0] / 50 + 15 * (values[1] - 0.5) / 0.5 + 30 * (1 - values[2] / 10)
            )
    assert list(scores.means["team"]) == ["Tern", "Plover"]
    assert scores.means["score"][0] == pytest.approx(scores.table.query("team == 'Tern'")["score"].mean())
    assert scores.problems.empty


@pytest.mark.processes
def test_processes_of_its_own_give_the_same_bytes(study, pool):
    own = score_pairs(study, formula=REDUCED, workers=2)
    assert json.dumps(own.as_dict()) == json.dumps(reduced(study, pool).as_dict())


def test_a_second_run_computes_nothing_and_decodes_nothing(study, pool, tmp_path):
    first = reduced(study, pool, cache=tmp_path / "cache")

    class Refuse(Decoder):
        def __call__(self, data, name):
            raise AssertionError(f"{name} was decoded again")

    again = reduced(study, pool, cache=tmp_path / "cache", decode=Refuse())
    assert (first.computed, again.computed) == (12, 0)
    assert again.as_dict() == first.as_dict()


def test_a_changed_result_is_computed_anew_and_only_that_one(study, pool, tmp_path, pictures):
    before = reduced(study, pool, cache=tmp_path / "cache")
    Image.fromarray(pictures["leaves"][1][::-1].copy()).save(study[0].results["Tern"])
    after = reduced(study, pool, cache=tmp_path / "cache")
    assert after.computed == 3
    assert after.table["psnr"][0] != before.table["psnr"][0]
    assert after.table[1:].equals(before.table[1:])


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(study, pool, tmp_path):
    reduced(study[:1], pool, cache=tmp_path / "cache")
    whole = reduced(study, pool, cache=tmp_path / "cache")
    assert whole.computed == 6
    assert whole.as_dict() == reduced(study, pool).as_dict()


def test_a_spoilt_cache_file_is_computed_anew(study, pool, tmp_path):
    expected = reduced(study, pool, cache=tmp_path / "cache").as_dict()
    for path in (tmp_path / "cache").rglob("*.json"):
        path.write_text(path.read_text()[:20])
    assert reduced(study, pool, cache=tmp_path / "cache").as_dict() == expected


def test_progress_counts_the_pairs(study, pool):
    seen = []
    reduced(study, pool, progress=lambda *step: seen.append(step))
    assert seen == [("scoring", 0, 2), ("scoring", 1, 2), ("scoring", 2, 2)]


def truncate(path):
    path.write_bytes(path.read_bytes()[:2000])


def replace(**options):
    def spoil(path):
        picture = Image.fromarray(stored(path))
        picture.convert(options.get("mode", "RGB")).resize(options.get("size", picture.size)).save(
            path, format=options.get("format", "PNG")
        )

    return spoil


def animate(path):
    picture = Image.fromarray(stored(path))
    picture.save(path, save_all=True, append_images=[picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)])


SPOILT = {
    "truncated": (truncate, "cannot be read as PNG (Truncated"),
    "no image": (lambda path: path.write_text("hello"), "not an image"),
    "empty": (lambda path: path.write_bytes(b""), "the file is empty"),
    "missing": (lambda path: path.unlink(), "is missing"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be read: Is a directory"),
    "mis-sized": (replace(size=(150, 100)), "the result is 150x100"),
    "CMYK": (replace(mode="CMYK", format="TIFF"), "CMYK"),
    "transparent": (lambda path: Image.new("RGBA", (400, 300)).save(path), "transparent pixels"),
    "animated": (animate, "more than one frame"),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_bad_result_is_a_problem_of_its_own(study, pool, fault):
    spoil, message = SPOILT[fault]
    expected = reduced(study, pool)
    spoil(study[0].results["Plover"])
    scores = reduced(study, pool)
    assert len(scores.problems) == 1
    team, image, problem = scores.problems.iloc[0]
    assert (team, image) == ("Plover", "101")
    assert message in problem
    assert "Plover" in problem or "result is" in problem
    others = scores.table.query("not (team == 'Plover' and image == '101')")
    assert others.equals(expected.table.loc[others.index])
    plover = scores.means.set_index("team").loc["Plover"]
    assert (plover["n"], plover["of"]) == (1, 2)
    assert math.isnan(plover["score"])
    assert list(scores.means["team"]) == ["Tern", "Plover"]  # no number is not the best number


def test_a_bad_ground_truth_leaves_other_pairs_alone(study, pool):
    truncate(study[0].gt)
    scores = reduced(study, pool)
    assert set(scores.problems["image"]) == {"101"}
    assert scores.problems["problem"].str.contains("gt/101.png: cannot be read as PNG").all()
    assert scores.table.query("image == '102'")["score"].notna().all()


def test_files_handed_in_twice_are_noted(study, pool):
    study[0].results["Plover"].write_bytes(study[0].results["Tern"].read_bytes())
    study[1].results["Plover"].write_bytes(study[1].gt.read_bytes())
    notes = reduced(study, pool).notes
    assert list(notes["note"].str.contains("ground truth's own file|same file as Tern's for 101")) == [
        True,
        True,
    ]


def test_a_result_without_structure_has_no_niqe_and_no_score_but_the_rest(study, pool):
    Image.fromarray(np.full_like(stored(study[0].gt), 255)).save(study[0].results["Plover"])
    scores = reduced(study, pool)
    row = scores.table.query("team == 'Plover' and image == '101'").iloc[0]
    assert row["psnr"] > 0
    assert math.isnan(row["niqe"])
    assert math.isnan(row["score"])
    assert "blocks have structure" in scores.problems["problem"][0]
    assert scores.table.query("team == 'Tern'")["score"].notna().all()


def test_missing_weights_mean_no_score_and_say_how_to_get_them(study, pool, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "nowhere"))
    scores = score_pairs(study, formula=RAIM, open_pool=pool)
    assert scores.table["psnr"].notna().all()
    assert scores.table["score"].isna().all()
    assert scores.means["score"].isna().all()
    assert "lpips" not in scores.table
    assert [message.split(":")[0] for message in scores.missing] == [
        "lpips is not computed",
        "dists is not computed",
    ]
    assert all("studyapp analyse weights fetch" in message for message in scores.missing)


def test_json_states_formula_and_definitions(study, pool):
    document = json.loads(json.dumps(reduced(study, pool).as_dict(), allow_nan=False))
    assert document["formula"] == {"per": "image", "score": "20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)"}
    by_name = {definition["name"]: definition for definition in document["definitions"]}
    assert set(by_name) == {"psnr", "ssim", "niqe"}
    for definition in by_name.values():
        assert {"colour", "data_range", "crop", "window", "network", "weights", "backend"} <= set(definition)


def test_some_metrics_only_are_those_and_no_score(study, pool):
    scores = reduced(study, pool, metrics=["psnr"])
    assert list(scores.table.columns) == ["team", "image", "psnr", "score"]
    assert scores.table["psnr"].notna().all()
    assert scores.table["score"].isna().all()


@dataclass(frozen=True)
class Deadly(Decoder):
    """Decodes, except for some results, which end the process as a fault in a library would."""

    name: str = "Plover/102.png"

    def __call__(self, data: bytes, name: str) -> np.ndarray:
        if name.endswith(self.name):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(data, name)


@pytest.mark.processes
@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_result_that_ends_its_process_is_a_problem_of_its_own(study, tmp_path, workers):
    told = []
    scores = score_pairs(
        study,
        formula=REDUCED,
        metrics=["psnr"],
        decode=Deadly(),
        workers=workers,
        cache=tmp_path / "cache",
        progress=lambda *now: told.append(now),
    )
    (problem,) = scores.problems.itertuples()
    assert (problem.team, problem.image) == ("Plover", "102")
    assert "the process that measured it died" in problem.problem
    values = scores.table.set_index(["team", "image"])["psnr"]
    assert list(values[values.isna()].index) == [("Plover", "102")]
    assert values["Tern", "102"] == psnr(stored(study[1].results["Tern"]), stored(study[1].gt))
    assert told[-1] == ("scoring", 2, 2)


@pytest.mark.slow
@pytest.mark.processes
def test_when_every_process_dies_it_is_not_the_results(study):
    with pytest.raises(AnalysisError, match=r"every process died.*run it again"):
        score_pairs(study, formula=REDUCED, metrics=["psnr"], decode=Deadly(name=".png"), workers=1)


def test_unknown_metrics_are_refused_before_any_work(study, pool):
    with pytest.raises(AnalysisError, match="'psnrr' is not one of studyapp's own"):
        reduced(study, pool, extra=["psnrr"])


def test_no_pairs_and_pairs_named_twice_are_refused(study, pool):
    with pytest.raises(AnalysisError, match="no pairs"):
        reduced([], pool)
    with pytest.raises(AnalysisError, match="named twice: 101"):
        reduced([study[0], study[0]], pool)


def test_networks_join_the_score_and_state_their_weights(study, pool, checkpoints):
    pytest.importorskip("torch", reason="LPIPS and DISTS need torch")
    folder, hashes = checkpoints
    scores = score_pairs(study[1:], formula=RAIM, open_pool=pool, tools=Tools(weights=folder, trusted=hashes))
    assert scores.table[["lpips", "dists", "score"]].notna().all(axis=None)
    stated = {sha for row in scores.definitions.values() for sha in row["weights"].values()}
    assert stated == hashes


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "JPEG", "WEBP"])
@pytest.mark.parametrize("seed", range(5))
def test_random_damage_is_refused_or_harmless_and_never_anything_else(pictures, form, seed):
    buffer = io.BytesIO()
    Image.fromarray(pictures["odd"][0]).save(buffer, format=form)
    data = bytearray(buffer.getvalue())
    random = np.random.RandomState(seed)
    for _ in range(20):
        data[random.randint(0, min(len(data), 400))] = random.randint(0, 256)
    # Whatever else it raised would fail the test.
    with contextlib.suppress(AnalysisError):
        assert Decoder()(bytes(data), "harmed").dtype == np.uint8
