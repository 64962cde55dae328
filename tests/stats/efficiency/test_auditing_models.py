"""Models that are made to look cheap, measured in this process by a clock that they move themselves."""

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="measuring needs torch")

from torch import nn  # noqa: E402

from analysis.audit.findings import Finding  # noqa: E402
from analysis.audit.measured import audit_measured  # noqa: E402
from analysis.efficiency.measuring.inside.by_factory import Way, run  # noqa: E402
from analysis.efficiency.measuring.inside.clocks import CpuClock  # noqa: E402
from analysis.efficiency.measuring.inside.measure import _counted, _probes  # noqa: E402
from analysis.efficiency.measuring.results import _counts, _probed  # noqa: E402

from .zoo import write_inputs  # noqa: E402

MAPS = 4
BODY = MAPS * MAPS * 9
TIME = [0.0]


class Clock(CpuClock):
    """Goes on by what the models spend."""

    def start(self):
        return TIME[0]

    def stop(self, begun):
        return TIME[0] - begun


class Silent:
    """Reports that nobody reads."""

    def tell(self, _stage, **_facts):
        pass


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return sorted(map(str, write_inputs(tmp_path_factory.mktemp("audit") / "input").iterdir()))


class Honest(nn.Module):
    """A plain network of three layers that takes a millisecond for 40x56 pixels."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.head = nn.Conv2d(3, MAPS, 3, padding=1)
        self.body = nn.Conv2d(MAPS, MAPS, 3, padding=1)
        self.tail = nn.Conv2d(MAPS, 3, 3, padding=1)

    def forward(self, x):
        self.spend(x)
        return (x + 0.1 * self.tail(self.work(self.head(x)))).clamp(0, 1)

    def spend(self, x):
        TIME[0] += x.numel() / (3 * 40 * 56)

    def work(self, y):
        return self.body(y)


class Remembers(Honest):
    """Keeps its outputs by the pixels of the inputs."""

    def __init__(self):
        super().__init__()
        self.known = {}

    def forward(self, x):
        key = x.numpy().tobytes()
        if key not in self.known:
            self.known[key] = super().forward(x)
        TIME[0] += 0.01
        return self.known[key]


class Deaf(Remembers):
    """Keeps its outputs by the sum of the pixels, which moved pixels have, too."""

    def forward(self, x):
        key = round(float(x.double().sum()), 3)
        if key not in self.known:
            self.known[key] = Honest.forward(self, x)
        TIME[0] += 0.01
        return self.known[key]


class KnowsSizes(Honest):
    """Is fast for the sizes of the test set, and runs four times as long for others."""

    def spend(self, x):
        TIME[0] += 1 if tuple(x.shape[-2:]) == (40, 56) else 4


class AnotherForOthers(Honest):
    """Runs a network that does next to nothing on sizes that it does not know."""

    def work(self, y):
        return self.body(y) if tuple(y.shape[-2:]) in ((40, 56), (1024, 1024)) else -40 * y


@torch.library.custom_op("studyapp_audit::attention", mutates_args=())
def attention(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A kernel of a library, with a convolution inside."""
    return torch.nn.functional.conv2d(x, weight, padding=1)


@attention.register_fake
def _of_attention(x, weight):
    return torch.empty_like(x)


class Hidden(Honest):
    """Does its work in an operator of its own."""

    def work(self, y):
        return attention(y, self.body.weight)


class OutsidePyTorch(Honest):
    """Multiplies with numpy, where a tracer loses what came before."""

    def work(self, y):
        return torch.from_numpy(y.numpy() * 0.5)


class EightBits(Honest):
    """Keeps the weights of a layer as whole numbers of 8 bits, which are no parameters."""

    def __init__(self):
        super().__init__()
        weight = torch.randint(-127, 127, (MAPS, MAPS, 3, 3), dtype=torch.int8)
        del self.body
        self.register_buffer("body", weight)

    def work(self, y):
        return nn.functional.conv2d(y, self.body.float() / 127, padding=1)


class Deploys(Honest):
    """Has two branches in training and one afterwards; `off` makes them unequal."""

    def __init__(self, off=0.0):
        super().__init__()
        self.second = nn.Conv2d(MAPS, MAPS, 1)
        self.off = off

    def work(self, y):
        return self.body(y) if self.second is None else self.body(y) + self.second(y)

    def switch_to_deploy(self):
        with torch.no_grad():
            self.body.weight[:, :, 1:2, 1:2] += self.second.weight * (1 + self.off)
            self.body.bias += self.second.bias + self.off
        self.second = None


class Unused(Honest):
    """Carries a layer that it never calls, and one that works at a quarter of the pixels."""

    def __init__(self):
        super().__init__()
        self.spare = nn.Conv2d(MAPS, MAPS, 3)
        self.small = nn.Conv2d(MAPS, MAPS, 3, padding=1)

    def work(self, y):
        small = self.small(nn.functional.avg_pool2d(y, 2))
        return self.body(y) + nn.functional.interpolate(small, size=y.shape[-2:])


def recorded(network: nn.Module, inputs: list[str], tmp_path) -> dict[str, Any]:
    """The run of measures.json that measuring this network makes."""
    TIME[0] = 0.0  # a tracer that counted the model before left something else
    job = {"inputs": inputs, "output": str(tmp_path), "passes": 1, "count": True, "count_s": 60.0}
    used = run(Way(network.eval()), job, torch.device("cpu"), Clock(None, None), Silent())
    probes = _probed(_probes(used))
    counted = _counted(used, job)
    return {"counts": _counts(counted["counts"]), "why_no_counts": counted["why"], "probes": probes}


def audited(network: nn.Module, inputs: list[str], tmp_path) -> dict[str, list[Finding]]:
    """Findings by what was checked."""
    found: dict[str, list[Finding]] = {}
    for one in audit_measured([{"team": "team01", "runs": [recorded(network, inputs, tmp_path)]}]):
        found.setdefault(one.check, []).append(one)
    return found


def test_an_honest_model_is_all_right(inputs, tmp_path):
    found = audited(Honest(), inputs, tmp_path)
    assert {name: [one.verdict for one in ones] for name, ones in found.items()} == {
        "operators not counted": ["note"],  # in so small a network the sums and products weigh
        "fvcore's count": ["ok"],
        "parameters at work": ["ok"],
        "bits of the weights": ["ok"],
        "inputs seen before": ["ok"],
        "sizes": ["ok"],
    }


@pytest.mark.parametrize(
    ("network", "check", "verdict", "said"),
    [
        (Remembers, "inputs seen before", "wrong", "seen takes 0.01 ms, but the same pixels moved 1.01"),
        (Deaf, "inputs seen before", "wrong", "stays the same when the pixels of its input are moved"),
        (KnowsSizes, "sizes", "wrong", "a pixel smaller 4 ms (4.0 times, in each of 5 turns)"),
        (AnotherForOthers, "sizes", "note", "another network for sizes that it does not know"),
        (EightBits, "bits of the weights", "note", "0.000144 M of int8 (8 bits, 0.000144 MB, kept as"),
        (lambda: Honest().half(), "bits of the weights", "note", "M of float16 (16 bits"),
        (lambda: Deploys(0.5), "re-parameterisation", "wrong", "but not the same outputs: they differ by"),
        (Deploys, "re-parameterisation", "note", "after; the outputs are the same"),
        (Unused, "parameters at work", "note", "0.000148 M are used by no operator: left from training"),
        (Unused, "parameters at work", "note", "0.000144 M are multiplied at fewer positions"),
    ],
)
def test_what_was_made_to_look_cheap_is_found(network, check, verdict, said, inputs, tmp_path):
    told = [(one.verdict, one.message) for one in audited(network(), inputs, tmp_path)[check]]
    assert any(verdict == given and said in message for given, message in told), told


def test_a_hidden_operator_is_named_with_what_could_be_missing_and_the_rest_is_counted(inputs, tmp_path):
    run_of = recorded(Hidden(), inputs, tmp_path)
    assert run_of["counts"]["macs"] == 2 * 3 * MAPS * 9 * 1024**2  # head and tail
    (one,) = [
        one
        for one in audit_measured([{"team": "team01", "runs": [run_of]}])
        if one.check == "operators not counted"
    ]
    missing = BODY * 1024**2 / 1e9
    assert one.verdict == "wrong"
    assert "studyapp_audit.attention was not counted, but what comes before and after it was" in one.message
    times = f"{BODY / (2 * 3 * MAPS * 9):.2g} times those counted"
    assert f"{missing:.3g} G multiply-adds could be missing ({times})" in one.message


def test_what_a_tracer_loses_before_work_outside_pytorch_is_told(inputs, tmp_path):
    found = audited(OutsidePyTorch(), inputs, tmp_path)
    assert [one.verdict for one in found["operators not counted"]] == ["wrong"]
    assert "outside PyTorch through numpy" in found["operators not counted"][0].message
    (lost,) = found["fvcore's count"]
    assert lost.message.startswith("team01: fvcore, which NTIRE's scripts use, counts 0.00708 of 0.0142 G")
