"""What only a GPU can show; skipped where there is none."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="measuring needs torch")

from analysis.efficiency.measuring.conventions import find_models  # noqa: E402
from analysis.efficiency.measuring.inside.clocks import CudaClock, limit_memory  # noqa: E402
from analysis.efficiency.measuring.isolation import why_not_isolated  # noqa: E402
from analysis.efficiency.measuring.plan import Plan  # noqa: E402
from analysis.efficiency.measuring.run import measure_models  # noqa: E402
from analysis.efficiency.measuring.table import measures_table, passes_of  # noqa: E402

from .zoo import write_inputs, write_model  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here"),
]
HEAVY = """\
def build_model(device):
    layers = [nn.Conv2d(3, 64, 3, padding=1)]
    for _ in range(20):
        layers += [nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1)]
    return nn.Sequential(*layers, nn.Conv2d(64, 3, 3, padding=1), nn.Sigmoid())
"""


@pytest.mark.skipif(bool(why_not_isolated()), reason=f"no isolation here: {why_not_isolated()}")
def test_two_runs_agree_and_are_marked_as_comparable(tmp_path):
    inputs = sorted(write_inputs(tmp_path / "input").iterdir())
    write_model(tmp_path, "team01_Heavy", HEAVY)
    models = find_models(tmp_path)
    first, second = (measure_models(models, inputs, Plan(device="cuda"))[0] for _ in range(2))
    assert (first.problem, second.problem) == ("", ""), first.runs[-1].printed
    assert np.median(passes_of(first)) == pytest.approx(np.median(passes_of(second)), rel=0.02)
    row = measures_table([first]).iloc[0]
    assert (row["comparable"], row["memory_mb"] > 0, row["passes"]) == ("yes", True, 6)


def test_the_clock_is_that_of_a_bare_event_loop():
    device = torch.device("cuda")
    net = torch.nn.Sequential(*[torch.nn.Conv2d(64, 64, 3, padding=1) for _ in range(20)]).to(device)
    image, clock = torch.rand(1, 64, 256, 256, device=device), CudaClock(device, None, None)
    ours, bare = [], []
    with torch.inference_mode():
        for _ in range(60):
            begun = clock.start()
            net(image)
            ours.append(clock.stop(begun))
            torch.cuda.synchronize()
            start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            start.record()
            net(image)
            stop.record()
            torch.cuda.synchronize()
            bare.append(start.elapsed_time(stop))
    assert np.median(ours[20:]) == pytest.approx(np.median(bare[20:]), rel=0.01)


def test_work_left_in_flight_in_another_stream_is_timed_too():
    device = torch.device("cuda")
    matrix, stream = torch.rand(4096, 4096, device=device), torch.cuda.Stream()
    clock = CudaClock(device, None, None)

    def work():
        for _ in range(30):
            torch.mm(matrix, matrix)

    def in_flight():
        with torch.cuda.stream(stream):
            work()

    times = {}
    for name, forward in (("in view", work), ("in flight", in_flight)):
        found = []
        for _ in range(10):
            begun = clock.start()
            forward()
            found.append(clock.stop(begun))
        times[name] = np.median(found[5:])
    assert times["in flight"] == pytest.approx(times["in view"], rel=0.1)


@pytest.mark.skipif(bool(why_not_isolated()), reason=f"no isolation here: {why_not_isolated()}")
def test_a_model_that_needs_more_memory_of_the_gpu_than_it_may_have_is_out_of_memory(tmp_path):
    inputs = sorted(write_inputs(tmp_path / "input").iterdir())
    greedy = "def build_model(device):\n    torch.empty(2**30, device=device)\n    return Net()\n"
    write_model(tmp_path, "team01_Greedy", greedy)
    (one,) = measure_models(find_models(tmp_path), inputs, Plan(device="cuda", rounds=1, gpu_memory_mb=1024))
    assert "out of memory" in one.problem.lower()


def test_the_limit_holds_within_a_process():
    device = torch.device("cuda")
    try:
        limit_memory(device, 256)
        with pytest.raises(torch.OutOfMemoryError):
            torch.empty(2**30, dtype=torch.uint8, device=device)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, device)
