"""LPIPS and DISTS: strips are exact, and the definitions follow the papers. Weights are made up here.

test_paired_pyiqa.py compares both with pyiqa given the same weights.
"""

import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.paired.definitions import ALEXNET, VGG16
from analysis.paired.weights import load_state

torch = pytest.importorskip("torch", reason="LPIPS and DISTS need torch")

from analysis.paired.backbones import alexnet, on_device, vgg16  # noqa: E402
from analysis.paired.dists import Dists  # noqa: E402
from analysis.paired.features import FeatureFolder, size_of_maps  # noqa: E402
from analysis.paired.feeding import Feeding, on_gpu  # noqa: E402
from analysis.paired.lpips import Lpips  # noqa: E402
from analysis.paired.rowstream import Stream  # noqa: E402


@pytest.fixture(scope="module")
def metrics(checkpoints):
    folder, hashes = checkpoints
    return {
        "lpips": Lpips(load_state(ALEXNET, folder, hashes)),
        "dists": Dists(load_state(VGG16, folder, hashes)),
    }


@pytest.mark.parametrize(("name", "network"), [(ALEXNET, alexnet), (VGG16, vgg16)])
@pytest.mark.parametrize("rows", [1, 5, 16, 37])
def test_feature_maps_of_strips_are_those_of_the_whole_image(checkpoints, name, network, rows):
    folder, hashes = checkpoints
    layers = network(load_state(name, folder, hashes))
    image = torch.rand(1, 3, 83, 71, generator=torch.Generator().manual_seed(1))
    whole = Stream(layers).push(image, last=True)
    stream, parts = Stream(layers), [[] for _ in whole]
    for top in range(0, 83, rows):
        for part, new in zip(
            parts, stream.push(image[:, :, top : top + rows], last=top + rows >= 83), strict=True
        ):
            part.append(new)
    for expected, part in zip(whole, parts, strict=True):
        joined = torch.cat([rows for rows in part if rows is not None], dim=2)
        torch.testing.assert_close(joined, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["lpips", pytest.param("dists", marks=pytest.mark.slow)])
def test_value_does_not_depend_on_the_company(metrics, pictures, name):
    result, gt = pictures["odd"]
    alone = metrics[name]([result], gt)[0]
    assert metrics[name]([gt, result, gt[::-1].copy()], gt)[1] == alone


FEEDINGS = (Feeding(1, 1, False), Feeding(3, 1 << 14, False), on_gpu(80 << 30))


@pytest.mark.parametrize(
    ("kind", "name", "feeding"),
    [
        *((Lpips, ALEXNET, feeding) for feeding in FEEDINGS),
        (Dists, VGG16, FEEDINGS[1]),
        *(pytest.param(Dists, VGG16, feeding, marks=pytest.mark.slow) for feeding in FEEDINGS[::2]),
    ],
)
def test_value_hardly_depends_on_strips_batches_and_order_in_memory(
    checkpoints, metrics, pictures, kind, name, feeding
):
    # What a GPU is fed with, run here on the processor.
    folder, hashes = checkpoints
    result, gt = (picture[:97, :131] for picture in pictures["odd"])
    results = [result, gt, gt[::-1].copy(), result[:, ::-1].copy(), result]
    fed = kind(load_state(name, folder, hashes), feeding=feeding)(results, gt)
    alone = [metrics[kind.__name__.lower()]([one], gt)[0] for one in results]
    assert fed == pytest.approx(alone, rel=1e-6, abs=1e-6)
    assert fed[0] == pytest.approx(fed[4], abs=1e-9)


def test_every_layer_keeps_the_order_in_memory(checkpoints):
    folder, hashes = checkpoints
    for network, name in ((alexnet, ALEXNET), (vgg16, VGG16)):
        state = on_device(load_state(name, folder, hashes), torch.device("cpu"), torch.channels_last)
        strip = torch.rand(2, 3, 80, 64).contiguous(memory_format=torch.channels_last)
        for rows in Stream(network(state)).push(strip, last=True):
            assert rows.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("name", ["lpips", "dists"])
def test_identical_images_are_at_distance_0_and_worse_ones_farther(metrics, pictures, name):
    result, gt = pictures["odd"]
    worse = np.clip(result.astype(int) + np.random.RandomState(0).randint(-40, 41, gt.shape), 0, 255)
    same, near, far = metrics[name]([gt, result, worse.astype(np.uint8)], gt)
    assert same == pytest.approx(0, abs=1e-9)
    assert 1e-4 < near < far


def test_vgg16_with_l2_pooling_is_the_plain_network_on_a_whole_image(checkpoints):
    # Written out with torch.nn as the paper describes it.
    folder, hashes = checkpoints
    state = load_state(VGG16, folder, hashes)
    image = torch.rand(1, 3, 40, 33, generator=torch.Generator().manual_seed(2))
    window = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
    features, expected = image, []
    for stage in ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28)):
        if stage[0]:
            kernel = window.expand(features.shape[1], 1, 3, 3)
            squares = torch.nn.functional.conv2d(
                features**2, kernel, stride=2, padding=1, groups=features.shape[1]
            )
            features = (squares + 1e-12).sqrt()
        for number in stage:
            weight, bias = (state[f"features.{number}.{part}"] for part in ("weight", "bias"))
            features = torch.nn.functional.conv2d(features, weight, bias, padding=1).relu()
        expected.append(features)
    for ours, plain in zip(Stream(vgg16(state)).push(image, last=True), expected, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["lpips", "dists"])
def test_unequal_sizes_are_refused(metrics, pictures, name):
    with pytest.raises(AnalysisError, match="metrics need equal sizes"):
        metrics[name]([pictures["odd"][0]], pictures["leaves"][1])


def test_an_image_too_small_for_alexnet_is_refused(metrics):
    image = np.zeros((20, 300, 3), np.uint8)
    with pytest.raises(AnalysisError, match="300x20 is too small"):
        metrics["lpips"]([image], image)


def test_weights_of_another_network_are_refused(checkpoints):
    folder, hashes = checkpoints
    with pytest.raises(AnalysisError, match=r"not those of this network|this network needs"):
        Lpips(load_state(VGG16, folder, hashes))


@pytest.mark.parametrize(
    ("kind", "name"), [(Lpips, ALEXNET), pytest.param(Dists, VGG16, marks=pytest.mark.slow)]
)
def test_kept_features_give_the_same_value_to_the_last_bit(checkpoints, pictures, tmp_path, kind, name):
    folder, hashes = checkpoints
    result, gt = pictures["odd"]
    state = load_state(name, folder, hashes)
    expected = kind(state)([result], gt)
    keeping = kind(state, kept=FeatureFolder(tmp_path, 10**9, "made up"))
    assert keeping([result], gt) == expected
    (file,) = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    assert keeping([result], gt) == expected
    assert file.stat().st_mtime_ns == written
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(AnalysisError, match="is damaged; delete it"):
        keeping([result], gt)


def test_features_that_do_not_fit_are_not_kept(checkpoints, pictures, tmp_path):
    folder, hashes = checkpoints
    result, gt = pictures["odd"]
    state = load_state(ALEXNET, folder, hashes)
    size = size_of_maps(alexnet(state), gt)
    Lpips(state, kept=FeatureFolder(tmp_path, size - 1, "made up"))([result], gt)
    assert list(tmp_path.iterdir()) == []
    Lpips(state, kept=FeatureFolder(tmp_path, size, "made up"))([result], gt)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size == pytest.approx(size, rel=0.05)
    Lpips(state, kept=FeatureFolder(tmp_path, size + 1000, "made up"))([result], gt[::-1].copy())
    assert list(tmp_path.iterdir()) == [file]
