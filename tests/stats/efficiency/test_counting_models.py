"""Models as people write them: they read values, keep tensors, loop, and must come out as they went in."""

import copy
import sys
import time

import pytest

torch = pytest.importorskip("torch", reason="counting needs torch")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from analysis.efficiency.counting.model import count_model  # noqa: E402
from analysis.errors import AnalysisError  # noqa: E402

SHAPE = (1, 3, 32, 48)
PIXELS = 32 * 48
CONVOLUTION = 3 * 3 * 9 * PIXELS
CPU = "math attention on the CPU"


class Then(nn.Module):
    """A convolution, then a function of the module and its output."""

    def __init__(self, function, **attributes):
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3, padding=1)
        self.function = function
        for name, value in attributes.items():
            setattr(self, name, value)

    def forward(self, x):
        return self.function(self, self.convolution(x))


def count(model, shape=SHAPE, **options):
    return count_model(model, shape, **{"crosscheck": False, **options})


def _by_value(net, x):
    return net.convolution(x) if x.mean().item() < 1e9 else x


def _by_mask(_net, x):
    return x[:, 0][x[:, 0] > 0].sum() * x


def _by_written_value(_net, x):
    out = torch.zeros(2)
    out[0] = x.sum()
    return x * out[0].item()


def _recurrent(_net, x):
    layer = nn.LSTM(48, 5)
    return layer(x[0].transpose(0, 1) * x.mean().item())[0]


@pytest.mark.parametrize(
    ("function", "macs"),
    [
        (_by_value, 2 * CONVOLUTION),
        (_by_mask, CONVOLUTION),
        (_by_written_value, CONVOLUTION),
        # 32 steps of 3 sequences: four gates of 5 cells, from 48 inputs and the 5 cells.
        (_recurrent, CONVOLUTION + 32 * 3 * 4 * 5 * (48 + 5)),
    ],
    ids=["item", "mask", "written-then-read", "recurrent"],
)
def test_model_that_needs_values_runs_on_the_cpu(function, macs):
    counts = count(Then(function))
    assert (counts.how, counts.macs, counts.complete) == (CPU, macs, True)
    assert counts.notes[0].startswith("does not run without values (")


def _repeated(net, x):
    for _ in range(int(net.times.item())):
        x = net.convolution(x)
    return x


def _chosen(net, x):
    return net.convolution(x) if net.table[1].item() > 0 else x


@pytest.mark.parametrize(
    ("model", "times"),
    [
        (Then(_repeated, times=nn.Parameter(torch.tensor(3.0))), 4),
        (Then(_chosen, table=torch.arange(20)), 2),
    ],
    ids=["scalar parameter", "table"],
)
def test_small_values_of_a_model_can_be_read_without_running_it(model, times):
    counts = count(model)
    assert (counts.how, counts.macs) == ("meta", times * CONVOLUTION)


@pytest.mark.parametrize(
    "function",
    [
        lambda _, x: x + torch.arange(x.shape[-1]),
        lambda _, x: x + torch.zeros(x.shape) + torch.zeros(3, 1, 1, device="cpu"),
        lambda _, x: x * torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1),
        lambda _, x: x + torch.randn(x.shape, generator=torch.Generator().manual_seed(1)),
        lambda _, x: F.grid_sample(
            x,
            torch.stack(
                torch.meshgrid(torch.linspace(-1, 1, 9), torch.linspace(-1, 1, 9), indexing="xy"), -1
            )[None],
            align_corners=True,
        ),
        lambda _, x: torch.zeros(x.shape).index_copy_(1, torch.tensor([0, 2, 1]), x),
        lambda _, x: x.cpu().to("cpu", torch.float64).float(),
    ],
    ids=["arange", "zeros", "constant", "generator", "grid", "written", "moved"],
)
def test_model_that_makes_tensors_on_the_cpu(function):
    counts = count(Then(function))
    assert (counts.how, counts.macs, counts.complete) == ("meta", CONVOLUTION, True)


def test_weights_by_parametrisation():
    old = torch.nn.utils.parametrizations
    net = nn.Sequential(
        old.weight_norm(nn.Conv2d(3, 8, 3, padding=1)),
        old.spectral_norm(nn.Conv2d(8, 3, 3, padding=1)).eval(),
    )
    net(torch.zeros(SHAPE))
    counts = count(net)
    convolutions = 2 * 8 * 3 * 9 * PIXELS
    # Spectral norm computes u' W v, W being 3 x 72, in every forward pass.
    assert counts.macs == convolutions + 3 * 72 + 3
    # Direction and length of the first, 8 of the latter.
    assert counts.params == 8 * 3 * 9 + 8 + 8 + 3 * 8 * 9 + 3
    assert counts.buffers == 3 + 72


def test_weights_computed_and_kept_as_attributes():
    model = Then(lambda net, x: F.conv2d(x, net.kernels[0], padding=1))
    model.kernels = [torch.ones(3, 3, 3, 3, requires_grad=True) * 2]
    counts = count(model)
    assert (counts.how, counts.macs) == ("meta", 2 * CONVOLUTION)


def test_parameters_are_counted_once_and_buffers_apart():
    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))
    model[1].weight = model[0].weight
    model[1].bias = nn.Parameter(model[0].bias.data)
    model[2].requires_grad_(False)
    counts = count(model)
    # Weight and bias of one convolution; the norm's two vectors of 3, its statistics and its counter.
    assert (counts.params, counts.trainable, counts.buffers) == (9 + 3 + 6, 9 + 3, 3 + 3 + 1)


class Remembering(Then):
    """Keeps its input, counts its calls."""

    def forward(self, x):
        self.kept = x
        self.calls[0] += 1
        self.steps += 1
        return super().forward(x)


def test_model_is_left_as_it_was():
    model = Remembering(lambda _, x: x, layer=nn.MultiheadAttention(4, 2), kept=None, calls=[0])
    model.register_buffer("steps", torch.tensor(0))
    model.train()
    model.layer.eval()
    model.requires_grad_(False)
    model.convolution.weight.requires_grad_(True)
    model.register_forward_hook(lambda *_: None)
    before = copy.deepcopy(model.state_dict())
    modes = [module.training for module in model.modules()]
    fast = torch.backends.mha.get_fastpath_enabled()
    random = torch.get_rng_state()
    counts = count(model, crosscheck=True)
    assert counts.macs == CONVOLUTION
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.is_grad_enabled()
    assert torch.backends.mha.get_fastpath_enabled() == fast
    assert sys.getprofile() is None
    assert (model.kept, model.calls) == (None, [0])
    assert [module.training for module in model.modules()] == modes
    assert [p.requires_grad for p in model.convolution.parameters()] == [True, False]
    assert len(model._forward_hooks) == 1
    assert not model._forward_pre_hooks
    for name, tensor in model.state_dict().items():
        assert tensor.device.type == "cpu"
        assert torch.equal(tensor, before[name])


@pytest.mark.filterwarnings("ignore:`torch.jit.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("make", [torch.jit.script, lambda m: torch.jit.trace(m, torch.zeros(SHAPE))])
def test_scripted_and_traced_modules(make):
    layers = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 3, 3, padding=1)).eval()
    for model in (make(layers), nn.Sequential(make(layers))):
        counts = count(model)
        assert (counts.how, counts.macs, counts.complete) == ("meta", 2 * CONVOLUTION, True)
        assert [one.name for one in counts.uncounted] == ["aten.relu"]
        assert counts.params == 2 * 84


@pytest.mark.filterwarnings("ignore:`torch.jit.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    "wrap",
    [
        torch.compile,
        lambda layer: nn.Sequential(torch.compile(layer)),
        nn.DataParallel,
    ],
    ids=["compiled", "compiled-inside", "data-parallel"],
)
def test_wrapped_models(wrap):
    assert count(wrap(nn.Conv2d(3, 3, 3, padding=1))).macs == CONVOLUTION


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_precision_changes_nothing(dtype):
    model = nn.Conv2d(3, 3, 3, padding=1)
    assert count(model, dtype=dtype).macs == CONVOLUTION
    assert count(copy.deepcopy(model).to(dtype)).macs == CONVOLUTION
    assert model.weight.dtype is torch.float32


def test_attributes_that_python_cannot_copy():
    counts = count(Then(lambda _, x: x, handle=(one for one in ())))
    assert counts.macs == CONVOLUTION


def _for_ever(_net, x):
    while True:
        x = x + 1


def test_endless_model_is_stopped():
    started = time.monotonic()
    with pytest.raises(AnalysisError, match=r"counting took more than 0\.5 s"):
        count(Then(_for_ever), limit_s=0.5)
    # Generous: what matters is that it ends.
    assert time.monotonic() - started < 30


class Dear(nn.Module):
    """Needs values, and memory for the square of the pixels."""

    def forward(self, x):
        x = x * x.mean().item()
        tokens = x.flatten(2).mT
        return ((tokens @ tokens.mT) @ tokens).sum() + x


def test_model_that_needs_values_and_is_too_large_for_the_cpu_is_not_run():
    with pytest.raises(AnalysisError, match="needs values, and is too slow or too large for the CPU"):
        count(Dear(), (1, 3, 512, 256))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            nn.Conv2d(4, 3, 3),
            "not counted: the model fails with RuntimeError: .*expected input.* to have 4 channels",
        ),
        (Then(lambda net, x: net.nothing), "not counted: the model fails with AttributeError: .*nothing"),
        (nn.LazyConv2d(3, 3), "weight has no shape before the first forward pass; run the model once"),
    ],
)
def test_broken_models_are_told_why(model, message):
    with pytest.raises(AnalysisError, match=message):
        count(model)
