"""Our count of whole networks beside PyTorch's own counter, really run with attention as products."""

import pytest

torch = pytest.importorskip("torch", reason="counting needs torch")

from torch.nn.attention import SDPBackend, sdpa_kernel  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from analysis.efficiency.counting.model import count_model  # noqa: E402
from benchmarks.counted_models import cases, networks  # noqa: E402

SHAPE = (1, 3, 64, 64)
HAND = cases(64)


@pytest.mark.parametrize("name", networks())
def test_networks(name):
    model = networks()[name]().eval()
    with sdpa_kernel(SDPBackend.MATH), torch.no_grad(), FlopCounterMode(display=False) as peer:
        model(torch.rand(SHAPE))
    counts = count_model(model, SHAPE, crosscheck=False)
    assert counts.flops == peer.get_total_flops() > 0
    assert counts.complete


@pytest.mark.filterwarnings("ignore:`torch.jit.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", HAND)
def test_models_of_the_benchmark_are_counted_as_by_hand(name):
    make, macs = HAND[name]
    assert count_model(make(), SHAPE, crosscheck=False).flops == 2 * macs
