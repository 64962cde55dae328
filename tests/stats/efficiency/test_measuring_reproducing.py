"""Outputs against the images handed in."""

import numpy as np
import pytest
from PIL import Image

from analysis.efficiency.measuring.reproducing import check_outputs, compare, match_pixels, summary, verdict

BASE = np.random.default_rng(1).integers(20, 200, (40, 50, 3), dtype=np.uint8)


def changed(levels, pixels):
    other = BASE.copy()
    other.reshape(-1, 3)[:pixels, 1] += np.uint8(levels)
    return other


@pytest.fixture
def folders(tmp_path):
    for name in ("input", "made", "theirs"):
        (tmp_path / name).mkdir()
        for image in ("001", "002"):
            Image.fromarray(BASE).save(tmp_path / name / f"{image}.png")
    return tmp_path


@pytest.mark.parametrize(
    ("other", "expected", "largest"),
    [
        (BASE, "equal", 0),
        (changed(1, 100), "close", 1),
        (changed(2, 2000), "different", 2),  # 46.9 dB
        (changed(50, 1), "different", 50),  # one pixel retouched: 62 dB, but far off
    ],
)
def test_verdicts(other, expected, largest):
    match = match_pixels("001", BASE, other)
    assert (match.verdict, match.largest) == (expected, largest)


@pytest.mark.parametrize("suffix", ["", "x4", "_SPAN", "x4_out", "_x4"])
def test_results_may_have_the_suffixes_of_super_resolution(tmp_path, suffix):
    for name, ending in (("input", "x4"), ("made", suffix), ("theirs", "")):
        (tmp_path / name).mkdir()
        for image in ("0801", "08012"):
            Image.fromarray(BASE).save(tmp_path / name / f"{image}{ending}.png")
    inputs = sorted((tmp_path / "input").iterdir())
    assert check_outputs(tmp_path / "made", inputs) == ("", "")
    matches = compare(tmp_path / "made", tmp_path / "theirs", [path.stem for path in inputs])
    assert [match.verdict for match in matches] == ["equal", "equal"]


def test_psnr_and_share_by_hand():
    match = match_pixels("001", BASE, changed(2, 500))
    assert match.differing == 0.25
    assert match.psnr == pytest.approx(10 * np.log10(255**2 / (4 * 0.25 / 3)))


def test_the_worst_image_decides(folders):
    Image.fromarray(changed(1, 30)).save(folders / "theirs" / "002.png")
    matches = compare(folders / "made", folders / "theirs", ["001", "002"])
    assert [match.verdict for match in matches] == ["equal", "close"]
    assert verdict(matches) == "close"
    (folders / "theirs" / "001.png").unlink()
    matches = compare(folders / "made", folders / "theirs", ["001", "002"])
    assert summary(matches)["missing"] == 1
    assert verdict(matches) == "different"
    (folders / "theirs" / "002.png").unlink()
    assert verdict(compare(folders / "made", folders / "theirs", ["001", "002"])) == "not compared"
    assert verdict([]) == "not compared"


def test_a_damaged_or_misfitting_image_is_a_difference_with_a_note(folders):
    (folders / "theirs" / "001.png").write_bytes(b"no image")
    Image.fromarray(BASE[:10]).save(folders / "theirs" / "002.png")
    first, second = compare(folders / "made", folders / "theirs", ["001", "002"])
    assert "not an image" in first.note
    assert second.note == "50x40 pixels made, 50x10 submitted"


def test_outputs_may_be_a_whole_multiple_but_one_for_all(folders):
    inputs = sorted((folders / "input").iterdir())
    assert check_outputs(folders / "made", inputs) == ("", "")
    double = BASE.repeat(2, axis=0).repeat(2, axis=1)
    Image.fromarray(double).save(folders / "made" / "001.png")
    assert check_outputs(folders / "made", inputs)[0] == "outputs have different scales: 1, 2"
    Image.fromarray(double).save(folders / "made" / "002.png")
    assert check_outputs(folders / "made", inputs) == ("", "")
    Image.fromarray(double[1:]).save(folders / "made" / "002.png")
    assert (
        "output of 002 has 100x79 pixels for an input of 50x40" in check_outputs(folders / "made", inputs)[0]
    )


def test_outputs_that_are_missing_or_named_otherwise_are_told(folders):
    inputs = sorted((folders / "input").iterdir())
    (folders / "made" / "001.png").rename(folders / "made" / "first.png")
    told = check_outputs(folders / "made", inputs)[0]
    assert told.startswith("made no output for 1 of 2 images: 001, but it made first.png; name the outputs")
    for path in (folders / "made").iterdir():
        path.unlink()
    assert check_outputs(folders / "made", inputs)[0] == "made no output for 2 of 2 images: 001, 002"


def test_links_and_pipes_among_outputs_are_not_followed(folders):
    import os

    inputs = sorted((folders / "input").iterdir())
    made = folders / "made" / "001.png"
    made.unlink()
    made.symlink_to(folders / "theirs" / "001.png")
    assert "001.png cannot be opened" in check_outputs(folders / "made", inputs)[0]
    made.unlink()
    os.mkfifo(made)
    assert "is not a file" in check_outputs(folders / "made", inputs)[0]
