"""Our count beside fvcore's, and the differences named."""

import pytest

torch = pytest.importorskip("torch", reason="counting needs torch")
pytest.importorskip("fvcore", reason="compares with fvcore")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from analysis.efficiency.counting.model import count_model  # noqa: E402

SHAPE = (1, 3, 256, 256)


class Of(nn.Module):
    """A module made of a function, after a convolution."""

    def __init__(self, function):
        super().__init__()
        self.convolution = nn.Conv2d(3, 8, 3, padding=1)
        self.function = function

    def forward(self, x):
        return self.function(self.convolution(x))


def compared(model, shape=SHAPE, **options):
    counts = count_model(model, shape, **options)
    return counts.fvcore, counts.notes[-1]


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.PReLU(), nn.ConvTranspose2d(8, 3, 2, 2)),
        nn.Sequential(
            nn.Conv2d(3, 9, 5, groups=3), nn.Conv2d(9, 3, 1), nn.PixelUnshuffle(2), nn.Conv2d(12, 4, 1)
        ),
        Of(lambda x: (x.flatten(2) @ x.flatten(2).mT).softmax(-1) @ x.flatten(2)),
        Of(lambda x: torch.einsum("bchw,bdhw->bcd", x, x)),
        Of(lambda x: F.linear(x.mT, torch.ones(5, x.shape[2]))),
    ],
    ids=["transposed", "grouped", "products", "einsum", "linear"],
)
def test_both_agree_on_what_both_count(model):
    found, note = compared(model)
    # fvcore's count of einsum comes from a library that adds a few.
    assert found.ratio == pytest.approx(1, rel=1e-5)
    assert found.shape == (1, 3, 64, 64)
    assert note.endswith("(ratio 1.000)")


def test_fvcore_leaves_out_attention_by_its_one_call():
    # 60 tokens of 8 features: 2 * 60 * 60 * 8 beside the convolution's.
    found, note = compared(Of(lambda x: F.scaled_dot_product_attention(*3 * [x.flatten(2).mT[:, :60]])))
    convolution = 8 * 3 * 9 * 64 * 64
    assert (found.macs, found.ours) == (convolution, convolution + 2 * 60 * 60 * 8)
    assert "leaves out aten::scaled_dot_product_attention (1)" in note


def test_fvcore_leaves_out_padding_by_its_name():
    found, note = compared(nn.Conv2d(3, 8, 3, padding="same"))
    assert (found.macs, found.ours) == (0, 8 * 3 * 9 * 64 * 64)
    assert "leaves out aten::_convolution_mode (1)" in note


def test_fvcore_adds_normalisation():
    found, note = compared(nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8)))
    assert found.macs > found.ours
    assert "of group_norm, which studyapp lists as uncounted; the rest is equal" in note


def test_larger_images_are_compared_as_the_scripts_of_ntire_do():
    counts = count_model(nn.Conv2d(3, 4, 1), (1, 3, 1024, 1024))
    assert counts.fvcore.shape == (1, 3, 256, 256)
    assert counts.fvcore.macs == 12 * 256 * 256
    assert counts.fvcore_macs is None
    assert counts.as_dict()["fvcore"]["ratio"] == 1


def test_the_same_shape_where_it_cannot_be_divided():
    counts = count_model(nn.Conv2d(3, 4, 1), (1, 3, 30, 30))
    assert counts.fvcore_macs == counts.macs == 12 * 900


class Heavy(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, 3000, 9)

    def forward(self, x):
        return self.layer(x).sum()


def test_what_would_take_long_is_not_compared():
    found, note = compared(Heavy(), (1, 3, 4096, 4096))
    assert found is None
    assert note == "not compared with fvcore, which would take too long on the CPU"


@pytest.mark.filterwarnings("ignore:`torch.jit.*is deprecated:DeprecationWarning")
def test_failure_of_fvcore_is_told_and_harmless():
    counts = count_model(torch.jit.script(nn.Conv2d(3, 4, 1)), SHAPE)
    assert counts.fvcore is None
    assert counts.macs == 12 * 256 * 256
    assert counts.notes[-1].startswith("not compared with fvcore, which fails (")


def test_it_can_be_left_out():
    assert compared(nn.Conv2d(3, 4, 1), crosscheck=False) == (None, "not compared with fvcore")
