"""Architectures whose parameters and multiply-adds are published, for results of 1280x720 pixels.

The numbers are those that papers on light super-resolution share since N. Ahn, B. Kang, K.-A. Sohn, "Fast,
Accurate, and Lightweight Super-Resolution with Cascading Residual Network" (ECCV 2018); EDSR-baseline's are
of Y. Zhang, H. Wang, C. Qin, Y. Fu, "Aligned Structured Sparsity Learning for Efficient Image
Super-Resolution" (NeurIPS 2021). Parameters are given there in thousands, multiply-adds in billions.
"""

import pytest

torch = pytest.importorskip("torch", reason="counting needs torch")

from torch import nn  # noqa: E402

from analysis.efficiency.counting.model import count_model  # noqa: E402

HEIGHT, WIDTH = 720, 1280


def srcnn():
    """C. Dong et al., 2014: 9-5-5 with 64 and 32 maps."""
    layers = [nn.Conv2d(1, 64, 9, padding=4), nn.ReLU(), nn.Conv2d(64, 32, 5, padding=2), nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(32, 1, 5, padding=2))


def vdsr():
    """J. Kim et al., 2016: twenty layers of 64 maps."""
    inner = [layer for _ in range(18) for layer in (nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.ReLU())]
    first, last = nn.Conv2d(1, 64, 3, padding=1, bias=False), nn.Conv2d(64, 1, 3, padding=1, bias=False)
    return nn.Sequential(first, nn.ReLU(), *inner, last)


def fsrcnn(last):
    """C. Dong et al., 2016: 56 maps, shrunk to 12, four layers between."""
    inner = [layer for _ in range(4) for layer in (nn.Conv2d(12, 12, 3, padding=1), nn.PReLU())]
    shrink = [nn.Conv2d(1, 56, 5, padding=2), nn.PReLU(), nn.Conv2d(56, 12, 1), nn.PReLU()]
    return nn.Sequential(*shrink, *inner, nn.Conv2d(12, 56, 1), nn.PReLU(), last)


class Block(nn.Module):
    """A residual block without normalisation."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1))

    def forward(self, x):
        return x + self.body(x)


def edsr_baseline():
    """B. Lim et al., 2017: sixteen blocks of 64 maps, twice the size; the mean by two frozen layers."""
    body = [Block() for _ in range(16)]
    tail = [nn.Conv2d(64, 256, 3, padding=1), nn.PixelShuffle(2), nn.Conv2d(64, 3, 3, padding=1)]
    means = [nn.Conv2d(3, 3, 1).requires_grad_(False) for _ in range(2)]
    head = [means[0], nn.Conv2d(3, 64, 3, padding=1)]
    return nn.Sequential(*head, *body, nn.Conv2d(64, 64, 3, padding=1), *tail, means[1])


@pytest.mark.parametrize(
    ("model", "shape", "params_k", "macs_g"),
    [
        (srcnn(), (1, 1, HEIGHT, WIDTH), 57, 52.7),
        (vdsr(), (1, 1, HEIGHT, WIDTH), 665, 612.6),
        (edsr_baseline(), (1, 3, HEIGHT // 2, WIDTH // 2), 1370, 316.3),
    ],
    ids=["SRCNN", "VDSR", "EDSR-baseline"],
)
def test_published_figures(model, shape, params_k, macs_g):
    counts = count_model(model, shape, crosscheck=False)
    assert round(counts.params / 1e3) == params_k
    assert round(counts.macs_g, 1) == macs_g


def test_edsr_baseline_to_the_last_parameter():
    # The head, sixteen blocks of two layers, the body's last layer, two of the tail; weights and biases.
    layer = 64 * 64 * 9 + 64
    by_hand = (3 * 64 * 9 + 64) + 33 * layer + 4 * layer + (64 * 3 * 9 + 3)
    counts = count_model(edsr_baseline(), (1, 3, 64, 64), crosscheck=False)
    assert counts.trainable == by_hand == 1_369_859
    assert counts.params == by_hand + 2 * (3 * 3 + 3)


def test_published_fsrcnn_multiplies_zeros_in_its_transposed_layer():
    # The published 6.0 G take the last layer's kernel at every pixel of the result. Only every second pixel
    # in both directions meets a value: PyTorch's formula, and ours, count those.
    last = nn.ConvTranspose2d(56, 1, 9, stride=2, padding=4, output_padding=1)
    counts = count_model(fsrcnn(last), (1, 1, HEIGHT // 2, WIDTH // 2), crosscheck=False)
    zeros = 3 * (HEIGHT // 2) * (WIDTH // 2) * 56 * 81
    assert (counts.macs + zeros) / 1e9 == pytest.approx(6.0, abs=0.05)
    assert counts.macs_g == pytest.approx(2.87, abs=0.005)
