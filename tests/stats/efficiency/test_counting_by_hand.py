"""Counts equal to counts by hand. Each test writes its formula out in multiply-accumulates."""

from math import log2

import pytest

torch = pytest.importorskip("torch", reason="counting needs torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from analysis.efficiency.counting.model import count_model  # noqa: E402

HEIGHT, WIDTH = 24, 40
SHAPE = (1, 3, HEIGHT, WIDTH)


class Net(nn.Module):
    """A module made of a function, with the modules that it uses."""

    def __init__(self, function, **modules):
        super().__init__()
        self.function = function
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, x):
        return self.function(self, x)


def count(model, shape=SHAPE, **options):
    return count_model(model.eval(), shape, crosscheck=False, **options)


@pytest.mark.parametrize(
    ("layer", "macs"),
    [
        (nn.Conv2d(3, 16, 3, padding=1), 16 * 3 * 9 * HEIGHT * WIDTH),
        (nn.Conv2d(3, 16, 3), 16 * 3 * 9 * (HEIGHT - 2) * (WIDTH - 2)),
        (nn.Conv2d(3, 16, 4, stride=4), 16 * 3 * 16 * (HEIGHT // 4) * (WIDTH // 4)),
        (nn.Conv2d(3, 16, 3, dilation=3), 16 * 3 * 9 * (HEIGHT - 6) * (WIDTH - 6)),
        (nn.Conv2d(3, 9, 3, padding=1, groups=3), 9 * 1 * 9 * HEIGHT * WIDTH),
        (nn.Conv2d(3, 3, 7, padding=3, groups=3), 3 * 49 * HEIGHT * WIDTH),
        (nn.Conv2d(3, 16, 3, padding="same"), 16 * 3 * 9 * HEIGHT * WIDTH),
        (nn.Conv2d(3, 16, 1, bias=False), 16 * 3 * HEIGHT * WIDTH),
        (nn.Conv2d(3, 16, 3, padding=1, padding_mode="reflect"), 16 * 3 * 9 * HEIGHT * WIDTH),
        (nn.ConvTranspose2d(3, 16, 2, stride=2), 16 * 3 * 4 * HEIGHT * WIDTH),
        (nn.ConvTranspose2d(3, 6, 4, stride=2, padding=1, groups=3), 3 * 2 * 16 * HEIGHT * WIDTH),
        (nn.Linear(WIDTH, 7), 3 * HEIGHT * WIDTH * 7),
    ],
    ids=[
        "plain",
        "unpadded",
        "strided",
        "dilated",
        "grouped",
        "depthwise",
        "same",
        "pointwise",
        "reflect",
        "transposed",
        "transposed-grouped",
        "linear",
    ],
)
def test_layer_of_products(layer, macs):
    counts = count(layer)
    assert (counts.macs, counts.flops) == (macs, 2 * macs)
    assert counts.complete
    assert counts.how == "meta"
    assert counts.activations == layer(torch.zeros(SHAPE)).numel()


def _tokens(x):
    """(1, 960, 12): as many tokens as pixels, of twelve features in three heads."""
    return x.flatten(2).transpose(1, 2).repeat(1, 1, 4)


def _heads(x):
    return _tokens(x).unflatten(2, (3, 4)).transpose(1, 2)


def _by_products(_net, x):
    q = _heads(x)
    return (q @ q.transpose(-2, -1)).softmax(-1) @ q


def _by_einsum(_net, x):
    q = _heads(x)
    return torch.einsum("bhqk,bhkd->bhqd", torch.einsum("bhqd,bhkd->bhqk", q, q).softmax(-1), q)


TOKENS = HEIGHT * WIDTH
ATTENTION = 2 * TOKENS * TOKENS * 12


@pytest.mark.parametrize(
    ("model", "macs"),
    [
        (Net(lambda _, x: F.scaled_dot_product_attention(*3 * [_heads(x)])), ATTENTION),
        (Net(_by_products), ATTENTION),
        (Net(_by_einsum), ATTENTION),
        # Three projections inwards and one outwards.
        (
            Net(
                lambda net, x: net.layer(*3 * [_tokens(x)], need_weights=False)[0],
                layer=nn.MultiheadAttention(12, 3, batch_first=True),
            ),
            ATTENTION + 4 * TOKENS * 12 * 12,
        ),
        # And a feed-forward part of 20; PyTorch has a fused kernel for the whole layer.
        (
            Net(
                lambda net, x: net.layer(_tokens(x)),
                layer=nn.TransformerEncoderLayer(12, 3, 20, batch_first=True),
            ),
            ATTENTION + 4 * TOKENS * 12 * 12 + 2 * TOKENS * 12 * 20,
        ),
    ],
    ids=["scaled_dot_product", "products", "einsum", "MultiheadAttention", "TransformerEncoderLayer"],
)
def test_attention_in_every_spelling(model, macs):
    assert count(model).macs == macs


def test_attention_in_shifted_windows():
    side, features = 8, 12

    def forward(net, x):
        x = torch.roll(net.embed(x), (-4, -4), (2, 3))
        x = x.reshape(1, features, HEIGHT // side, side, WIDTH // side, side)
        windows = x.permute(0, 2, 4, 3, 5, 1).reshape(-1, side * side, features)
        q, k, v = net.qkv(windows).chunk(3, -1)
        return (q @ k.mT).softmax(-1) @ v

    model = Net(forward, embed=nn.Conv2d(3, features, 3, padding=1), qkv=nn.Linear(features, 3 * features))
    tokens, windows = side * side, (HEIGHT // side) * (WIDTH // side)
    embedding = HEIGHT * WIDTH * features * 3 * 9
    window = tokens * features * 3 * features + 2 * tokens * tokens * features
    assert count(model).macs == embedding + windows * window


def test_upscaling_by_pixel_shuffle_costs_its_convolution():
    counts = count(nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2), nn.Conv2d(3, 3, 1)))
    assert counts.macs == 12 * 3 * 9 * HEIGHT * WIDTH + 3 * 3 * 4 * HEIGHT * WIDTH
    shuffle = next(one for one in counts.uncounted if one.name == "aten.pixel_shuffle")
    assert (shuffle.kind, shuffle.calls, shuffle.elements) == ("moving data", 1, 12 * HEIGHT * WIDTH)
    # Outputs: 12 planes of the convolution, 12 of the shuffle, 3 planes four times as large of the last one.
    assert shuffle.share == pytest.approx(12 / (12 + 12 + 12))


def test_fourier_transforms_by_estimate():
    points = HEIGHT * WIDTH
    real = round(2.5 * 3 * points * log2(points))
    assert count(Net(lambda _, x: torch.fft.rfft2(x))).estimated_flops == real
    assert count(Net(lambda _, x: torch.fft.irfft2(torch.fft.rfft2(x)))).estimated_flops == 2 * real
    whole = count(Net(lambda _, x: torch.fft.fft2(torch.complex(x, x))))
    assert whole.estimated_flops == whole.flops == round(5 * 3 * points * log2(points))
    rows = count(Net(lambda _, x: torch.fft.rfft(x)))
    assert rows.estimated_flops == round(2.5 * 3 * points * log2(WIDTH))
    assert rows.macs == rows.activations == 0
    assert rows.complete


def test_product_of_complex_numbers_is_four_real_ones():
    def forward(net, x):
        return torch.einsum("bchw,cd->bdhw", torch.fft.rfft2(x), net.weight)

    model = Net(forward)
    model.weight = nn.Parameter(torch.zeros(3, 5, dtype=torch.complex64))
    assert count(model).macs == 4 * 3 * 5 * HEIGHT * (WIDTH // 2 + 1)


def test_products_with_vectors():
    def forward(_net, x):
        matrix, row = x[0, 0], x[0, 0, 0]
        return (
            torch.mv(matrix, row).sum()
            + row.dot(row)
            + torch.addbmm(matrix[:, :1], x[0], x[0, :, :1].mT).sum()
        )

    assert count(Net(forward)).macs == HEIGHT * WIDTH + WIDTH + 3 * HEIGHT * WIDTH


def test_recurrent_layer():
    model = Net(lambda net, x: net.layer(x[0].transpose(0, 1))[0], layer=nn.LSTM(WIDTH, 5))
    assert count(model).macs == HEIGHT * 3 * 4 * 5 * (WIDTH + 5)


@pytest.mark.parametrize("times", [1, 4])
def test_shared_layer_costs_every_time_and_has_its_parameters_once(times):
    layer = nn.Conv2d(3, 3, 3, padding=1)
    counts = count(nn.Sequential(*times * [layer]))
    assert counts.macs == times * 3 * 3 * 9 * HEIGHT * WIDTH
    assert counts.params == 3 * 3 * 9 + 3


def test_batch_counts():
    assert count(nn.Conv2d(3, 4, 1), (5, 3, 8, 8)).macs == 5 * 4 * 3 * 64
