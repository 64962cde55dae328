"""Bad input of every kind, through `studyapp analyse score`: each is named, the rest is unharmed."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from analysis.errors import AnalysisError
from analysis.paired.engine import score_pairs
from analysis.paired.folder import find_pairs
from analysis.rule import read_rule

REDUCED = read_rule("reduced").final

RGB = np.random.default_rng(5).integers(0, 256, (40, 10, 24, 3), dtype=np.uint8).repeat(3, axis=1)


def truncated(path):
    path.write_bytes(path.read_bytes()[:-200])


def missized(path):
    Image.fromarray(RGB[1][:-1]).save(path)


def turned(path):
    Image.fromarray(RGB[1].swapaxes(0, 1).copy()).save(path)


def transparent(path):
    image = Image.fromarray(RGB[1])
    image.putalpha(128)
    image.save(path)


def cmyk(path):
    Image.fromarray(RGB[1]).convert("CMYK").save(path, "JPEG")


def animated(path):
    Image.fromarray(RGB[1]).save(path, save_all=True, append_images=[Image.fromarray(RGB[2])])


def link_out(path):
    path.unlink()
    path.symlink_to("/etc/passwd")


FAULTS = {
    "truncated": (truncated, "truncated.png: cannot be read as PNG (Truncated"),
    "mis-sized": (missized, "the result is 24x29 but the ground truth 24x30"),
    "turned": (turned, "the result is 30x24 but the ground truth 24x30"),
    "transparent": (transparent, "transparent.png: transparent pixels (an alpha channel)"),
    "CMYK": (cmyk, "CMYK.png: pixels of kind CMYK"),
    "animated": (animated, "animated.png: more than one frame or page"),
    "missing": (lambda path: path.unlink(), "missing.png is missing"),
    "text": (lambda path: path.write_text("hello"), "text.png: not an image of an accepted format"),
    "empty": (lambda path: path.write_bytes(b""), "empty.png: the file is empty"),
    "link": (link_out, "link.png is a link that leads out of"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One pair for each fault and two good ones; Tern's results are good, Plover's are spoilt."""
    root = tmp_path_factory.mktemp("bad")
    for place, shift in (("gt", 0), ("teams/Tern", 3), ("teams/Plover", 5)):
        (root / place).mkdir(parents=True)
        for i, name in enumerate([*FAULTS, "good", "other"]):
            pixels = RGB[i] // 2 + np.uint8(shift + i * (shift > 0))
            Image.fromarray(pixels).save(root / place / f"{name}.png")
    for name, (spoil, _message) in FAULTS.items():
        spoil(root / "teams" / "Plover" / f"{name}.png")
    return root


@pytest.fixture(scope="module")
def scored(folder):
    code = "from analysis.cli import main; main()"
    options = ["--metric", "psnr", "--metric", "ssim", "--formula", "reduced", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-c", code, "score", str(folder), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_with_team_and_image(scored, fault):
    document, said = scored
    (problem,) = [row for row in document["problems"] if row["image"] == fault]
    assert problem["team"] == "Plover"
    assert FAULTS[fault][1] in problem["problem"]
    assert f"Plover, {fault}: {problem['problem']}" in said
    (row,) = [row for row in document["images"] if (row["team"], row["image"]) == ("Plover", fault)]
    assert (row["psnr"], row["ssim"]) == (None, None)


def test_the_others_are_unharmed(scored):
    document, _said = scored
    rows = {(row["team"], row["image"]): row for row in document["images"]}
    for name in (*FAULTS, "good", "other"):
        assert rows["Tern", name]["psnr"] > 25
        assert rows["Tern", name]["ssim"] > 0.8
    assert rows["Plover", "good"]["psnr"] > 20
    means = {row["team"]: row for row in document["means"]}
    assert (means["Tern"]["n"], means["Tern"]["of"]) == (12, 12)
    assert (means["Plover"]["n"], means["Plover"]["psnr"]) == (2, None)


def test_the_same_bytes_again_are_noted_and_scored(folder, tmp_path):
    root = tmp_path / "again"
    names = ("a", "b", "c")
    for place in ("gt", "teams/Plover", "teams/Tern"):
        (root / place).mkdir(parents=True)
        for i, name in enumerate(names):
            Image.fromarray(RGB[i] // 2 + np.uint8(len(place))).save(root / place / f"{name}.png")
    plover, tern = root / "teams/Plover", root / "teams/Tern"
    (plover / "a.png").write_bytes((tern / "a.png").read_bytes())  # one file of two teams
    (plover / "b.png").write_bytes((root / "gt/b.png").read_bytes())  # the ground truth itself
    (tern / "c.png").write_bytes((tern / "a.png").read_bytes())  # one file under two names
    scores = score_pairs(find_pairs(root), formula=REDUCED, metrics=["psnr", "ssim"], workers=1)
    notes = {(row.team, row.image): row.note for row in scores.notes.itertuples()}
    assert notes == {
        ("Plover", "b"): f"{plover / 'b.png'} is the ground truth's own file",
        ("Tern", "a"): "the same file as Plover's for a",
        ("Tern", "c"): "the same file as Plover's for a",
    }
    rows = scores.table.set_index(["team", "image"])
    assert scores.table[["psnr", "ssim"]].notna().all(axis=None)
    assert rows.loc[("Plover", "b"), "psnr"] == 80
    assert rows.loc[("Plover", "a"), "psnr"] == rows.loc[("Tern", "a"), "psnr"]
    assert scores.problems.empty


def test_a_team_folder_that_leads_elsewhere_shows_nothing_of_it(folder, tmp_path):
    root, secret = tmp_path / "pairs", tmp_path / "secret"
    for place in (root / "gt", root / "teams" / "Tern", secret):
        place.mkdir(parents=True)
        Image.fromarray(RGB[0]).save(place / "a.png")
    (secret / "plans.png").write_bytes(b"")
    (root / "teams" / "Plover").symlink_to(secret)
    scores = score_pairs(find_pairs(root), formula=REDUCED, metrics=["psnr"], workers=1)
    (problem,) = scores.problems.itertuples()
    assert (problem.team, problem.image) == ("Plover", "a")
    assert "a link that leads out of" in problem.problem
    assert "plans" not in str(scores.as_dict())


@pytest.mark.parametrize("name", ["gt", "teams"])
def test_a_folder_that_leads_elsewhere_is_refused(tmp_path, folder, name):
    for other in {"gt", "teams"} - {name}:
        (tmp_path / other / "Tern").mkdir(parents=True)
        Image.fromarray(RGB[0]).save(tmp_path / other / "a.png")
    (tmp_path / name).symlink_to(folder / name)
    with pytest.raises(AnalysisError, match=f"{name} is a link that leads out of"):
        find_pairs(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="file names of any bytes")
@pytest.mark.parametrize(
    ("place", "shown"),
    [(b"teams/\xff\xfe", "udcff"), (b"teams/two\nlines", r"two\\nlines"), (b"teams/Tern/\xe9.png", "udce9")],
)
def test_names_that_are_no_text_are_refused_in_text(tmp_path, place, shown):
    os.makedirs(tmp_path / "gt")
    os.makedirs(tmp_path / "teams" / "Tern")
    Image.fromarray(RGB[0]).save(tmp_path / "gt" / "a.png")
    path = os.path.join(os.fsencode(tmp_path), place)
    if path.endswith(b"png"):
        os.close(os.open(path, os.O_CREAT))
    else:
        os.mkdir(path)
    with pytest.raises(AnalysisError, match=f"{shown}.*rename it") as refused:
        find_pairs(tmp_path)
    assert str(refused.value).isprintable()
