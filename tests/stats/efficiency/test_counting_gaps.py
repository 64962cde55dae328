"""What cannot be counted is named, and makes the count incomplete."""

import json
import pickle

import pytest

torch = pytest.importorskip("torch", reason="counting needs torch")

from PIL import _imaging  # noqa: E402
from torch import nn  # noqa: E402

from analysis.efficiency.counting.model import count_model  # noqa: E402
from analysis.efficiency.counting.operators import KINDS, OUTSIDE, UNKNOWN, kind_of  # noqa: E402

SHAPE = (1, 3, 32, 48)
CONVOLUTION = 3 * 3 * 9 * 32 * 48


@torch.library.custom_op("studyapp_tests::scan", mutates_args=())
def scan(x: torch.Tensor) -> torch.Tensor:
    """An operator of a library, with a shape for the meta device."""
    return x.cumsum(-1)


@scan.register_fake
def _shape_of_scan(x):
    return torch.empty_like(x)


@torch.library.custom_op("studyapp_tests::blind", mutates_args=())
def blind(x: torch.Tensor) -> torch.Tensor:
    """An operator of a library that only runs on the CPU, with products inside."""
    return x @ x.mT


class ByTorch(torch.autograd.Function):
    """A function with a gradient of its own, of PyTorch's operators."""

    @staticmethod
    def forward(_ctx, x):
        return x @ x.mT


class ByNumpy(torch.autograd.Function):
    """A function whose work PyTorch does not see."""

    @staticmethod
    def forward(_ctx, x):
        values = x.numpy()
        return torch.from_numpy(values @ values.transpose(0, 1, 3, 2))


class Then(nn.Module):
    """A convolution, then a function."""

    def __init__(self, function):
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3, padding=1)
        self.function = function

    def forward(self, x):
        return self.function(self.convolution(x))


def count(function, **options):
    return count_model(Then(function), SHAPE, **{"crosscheck": False, **options})


@pytest.mark.parametrize(
    ("operator", "name", "how"),
    [
        (scan, "studyapp_tests.scan", "meta"),
        (blind, "studyapp_tests.blind", "math attention on the CPU"),
    ],
    ids=["with-shape", "blind"],
)
def test_operator_of_a_library_is_reported_as_uncounted(operator, name, how):
    counts = count(operator)
    first = counts.uncounted[0]
    assert (first.name, first.kind, first.calls) == (name, OUTSIDE, 1)
    assert not counts.complete
    assert counts.how == how
    assert any(name in note for note in counts.notes)
    assert counts.macs == CONVOLUTION


def test_function_with_its_own_gradient_is_counted_by_what_it_does():
    counts = count(ByTorch.apply)
    assert counts.macs == CONVOLUTION + 3 * 32 * 32 * 48
    assert counts.complete


@pytest.mark.parametrize(
    "function",
    [
        ByNumpy.apply,
        lambda x: torch.from_numpy(x.numpy()),
        lambda x: torch.from_dlpack(x.__dlpack__()),
        lambda x: x * len(_imaging.new("L", (1, 1)).getbbox() or "one"),
    ],
    ids=["function", "numpy", "dlpack", "extension"],
)
def test_work_outside_pytorch_is_noticed(function):
    counts = count(function)
    assert not counts.complete
    assert "works outside PyTorch through " in " ".join(counts.notes)
    assert counts.macs == CONVOLUTION


def test_operator_of_unknown_work_makes_the_count_incomplete():
    counts = count(lambda x: torch.linalg.svd(x[0, 0])[0])
    assert [one.name for one in counts.uncounted if one.kind == UNKNOWN] == ["aten._linalg_svd"]
    assert not counts.complete


def test_cheap_operators_are_listed_after_the_heavy_ones_with_their_share():
    counts = count(
        lambda x: nn.functional.interpolate(nn.functional.group_norm(x.relu(), 1), scale_factor=2).cumsum(-1)
    )
    assert [(one.name, one.kind, one.calls) for one in counts.uncounted] == [
        ("aten.upsample_nearest2d", "resampling", 1),
        ("aten.native_group_norm", "normalisation", 1),
        ("aten.cumsum", "reduction", 1),
        ("aten.relu", "elementwise", 1),
    ]
    # Planes of the input's size: 3 of the convolution, the activation and the norm, 12 of the other two.
    assert counts.uncounted[0].share == pytest.approx(12 / 33, rel=1e-3)
    assert counts.complete


def test_views_and_allocations_are_no_work():
    counts = count(
        lambda x: torch.empty(9).expand(2, 9) is None or x.view(3, -1).t_()[1:].unsqueeze(0).chunk(2)
    )
    assert counts.uncounted == ()


@pytest.mark.parametrize(
    ("operator", "kind"),
    [
        (torch.ops.aten.grid_sampler_2d.default, "resampling"),
        (torch.ops.aten.relu_.default, "elementwise"),
        (torch.ops.aten.clone.default, "moving data"),
        (torch.ops.aten.index_put_.default, "moving data"),
        (torch.ops.aten.topk.default, "sorting"),
        (torch.ops.aten._foreach_mul.Scalar, "elementwise"),
        (torch.ops.aten.bernoulli_.float, "random numbers"),
        (torch.ops.aten.linalg_svd.default, UNKNOWN),
        (torch.ops.quantized.linear.default, OUTSIDE),
    ],
)
def test_sorts_of_work(operator, kind):
    assert kind_of(operator) == kind
    assert kind in KINDS


def test_counts_can_be_kept_and_sent():
    counts = count(scan, crosscheck=True)
    assert pickle.loads(pickle.dumps(counts)) == counts
    fields = json.loads(json.dumps(counts.as_dict()))
    assert fields["macs"] == CONVOLUTION
    assert fields["uncounted"][0]["name"] == "studyapp_tests.scan"
    assert (counts.params_m, counts.macs_g, counts.flops_g, counts.activations_m) == pytest.approx(
        (84e-6, CONVOLUTION / 1e9, 2 * CONVOLUTION / 1e9, 3 * 32 * 48 / 1e6)
    )
