"""PSNR, SSIM and NIQE against pyiqa's values, and what they must not depend on.

The golden values are those of pyiqa 0.1.16 with torch 2.13.0 on a CPU, default settings, given the same
pictures as float32 tensors, and NIQE given the pristine model of basicsr 1.4.2. test_paired_pyiqa.py computes
them anew where pyiqa is installed.
"""

import hashlib

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.paired.niqe import niqe
from analysis.paired.pixels import grey
from analysis.paired.psnr import psnr
from analysis.paired.ssim import ssim

GOLDEN = {
    "leaves": ("9df854ef", {"psnr": 28.7563286, "ssim": 0.771720864, "niqe": 14.946043}),
    "odd": ("1d9cd855", {"psnr": 28.7268238, "ssim": 0.778105049, "niqe": 14.3823735}),
    "many-blocks": ("96020c56", {"psnr": 28.7413807, "ssim": 0.774190675, "niqe": 14.7560456}),
    "clipped": ("f9ce524c", {"psnr": 10.0210781, "ssim": 0.644537783, "niqe": 12.1466489}),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_values_are_those_of_pyiqa(pictures, name):
    result, gt = pictures[name]
    fingerprint, expected = GOLDEN[name]
    assert hashlib.sha256(result.tobytes() + gt.tobytes()).hexdigest().startswith(fingerprint)
    assert psnr(result, gt) == pytest.approx(expected["psnr"], rel=1e-6)
    assert ssim(result, gt) == pytest.approx(expected["ssim"], rel=1e-8)
    assert niqe(result) == pytest.approx(expected["niqe"], rel=1e-4)


def test_ssim_in_strips_is_that_of_the_whole(pictures, monkeypatch):
    result, gt = pictures["odd"]
    values = []
    for rows in (1, 7, 64, 1000):
        monkeypatch.setattr("analysis.paired.ssim._ROWS", rows)
        values.append(ssim(result, gt))
    assert values == pytest.approx([values[-1]] * 4, rel=1e-13)


def test_identical_images_score_80_db_and_1(pictures):
    gt = pictures["leaves"][1]
    assert (psnr(gt, gt), ssim(gt, gt)) == (80.0, 1.0)


def test_psnr_and_ssim_are_symmetric_and_indifferent_to_mirroring(pictures):
    result, gt = pictures["odd"]
    for metric in (psnr, ssim):
        assert metric(gt, result) == pytest.approx(metric(result, gt), rel=1e-12)
        assert metric(result[:, ::-1], gt[:, ::-1]) == pytest.approx(metric(result, gt), rel=1e-12)


def test_niqe_uses_whole_blocks_only(pictures):
    result = pictures["odd"][0]
    assert niqe(result) == niqe(result[:192, :288])


def test_niqe_ignores_the_order_of_blocks_across(pictures):
    # 96-pixel columns of blocks swapped: only the windows across the seams change.
    result = pictures["many-blocks"][0][:480, :480]
    swapped = np.concatenate([result[:, 240:], result[:, :240]], axis=1)
    assert niqe(swapped) == pytest.approx(niqe(result), rel=0.05)


def test_grey_rounds_half_way_values_as_pyiqa_does():
    # Each of these is a whole number and a half by exact arithmetic.
    pixels = np.array(
        [[[218, 176, 79], [240, 50, 135], [223, 85, 52], [32, 30, 73], [110, 204, 183]]], np.uint8
    )
    assert grey(pixels).tolist() == [[178, 117, 122, 36, 174]]


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_unequal_sizes_are_refused_by_name(metric):
    with pytest.raises(AnalysisError, match="result is 20x30 but the ground truth 30x20"):
        metric(np.zeros((30, 20, 3), np.uint8), np.zeros((20, 30, 3), np.uint8))


def test_pixels_that_are_not_8_bit_are_refused():
    image = np.zeros((20, 20, 3))
    with pytest.raises(AnalysisError, match="type float64"):
        psnr(image, image)


def test_an_image_smaller_than_the_window_is_refused():
    image = np.zeros((10, 40, 3), np.uint8)
    with pytest.raises(AnalysisError, match="at least 11x11"):
        ssim(image, image)


def test_niqe_refuses_what_has_no_value():
    with pytest.raises(AnalysisError, match="two blocks"):
        niqe(np.zeros((191, 191, 3), np.uint8))
    with pytest.raises(AnalysisError, match="0 of 4 blocks have structure"):
        niqe(np.full((192, 192, 3), 255, np.uint8))
