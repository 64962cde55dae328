"""Convolutions of any size against the formula, on the meta device and on the CPU."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="counting needs torch")

from torch import nn  # noqa: E402

from analysis.efficiency.counting.model import count_model  # noqa: E402


class NeedsValues(nn.Module):
    """Cannot run on the meta device."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x) * (x.mean().item() < 2)


@st.composite
def convolutions(draw):
    groups = draw(st.integers(1, 3))
    return {
        "in_channels": groups * draw(st.integers(1, 3)),
        "out_channels": groups * draw(st.integers(1, 3)),
        "kernel_size": (draw(st.integers(1, 4)), draw(st.integers(1, 4))),
        "stride": draw(st.integers(1, 3)),
        "padding": draw(st.integers(0, 2)),
        "dilation": draw(st.integers(1, 2)),
        "groups": groups,
        "bias": draw(st.booleans()),
    }


def _out(side, kernel, options):
    reach = options["dilation"] * (kernel - 1) + 1
    return (side + 2 * options["padding"] - reach) // options["stride"] + 1


@settings(deadline=None, max_examples=60)
@given(convolutions(), st.integers(1, 2), st.integers(1, 20), st.integers(1, 20), st.booleans())
def test_convolution(options, batch, height, width, needs_values):
    outs = [_out(s, k, options) for s, k in zip((height, width), options["kernel_size"], strict=True)]
    assume(min(outs) > 0)
    layer = nn.Conv2d(**options)
    model = NeedsValues(layer) if needs_values else layer
    counts = count_model(model, (batch, options["in_channels"], height, width), crosscheck=False)
    positions = batch * options["out_channels"] * outs[0] * outs[1]
    kernel = options["kernel_size"][0] * options["kernel_size"][1]
    assert counts.macs == positions * kernel * options["in_channels"] // options["groups"]
    assert counts.activations == positions
    assert counts.params == sum(p.numel() for p in layer.parameters())
    assert counts.how == ("math attention on the CPU" if needs_values else "meta")


@settings(deadline=None, max_examples=30)
@given(convolutions(), st.integers(2, 20), st.integers(2, 20))
def test_transposed_convolution(options, height, width):
    assume(options["padding"] < min(options["kernel_size"]))
    layer = nn.ConvTranspose2d(**options)
    counts = count_model(layer, (1, options["in_channels"], height, width), crosscheck=False)
    # Every input position is multiplied with the whole kernel, what is cropped afterwards too.
    kernel = options["kernel_size"][0] * options["kernel_size"][1]
    between = options["in_channels"] * options["out_channels"] // options["groups"]
    assert counts.macs == height * width * kernel * between
