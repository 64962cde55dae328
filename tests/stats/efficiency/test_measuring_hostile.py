"""Models that fail or do harm: each gets its own answer, and nothing else is touched.

All of them run in one call, real processes in real namespaces, with a good model after them.
"""

import contextlib
import os
import pickle
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="measuring needs torch")

from analysis.efficiency.measuring.conventions import find_models
from analysis.efficiency.measuring.inside.loading import EntryError, call
from analysis.efficiency.measuring.inside.measure import _problem
from analysis.efficiency.measuring.isolation import why_not_isolated
from analysis.efficiency.measuring.jobs import hidden_folders
from analysis.efficiency.measuring.limits import Limits
from analysis.efficiency.measuring.plan import Plan
from analysis.efficiency.measuring.run import measure_models
from analysis.efficiency.measuring.table import measures_table, notes
from analysis.errors import AnalysisError

from .zoo import GOOD, HEAD, IMAGES, in_main, write_inputs, write_model

pytestmark = [
    pytest.mark.skipif(bool(why_not_isolated()), reason=f"no isolation here: {why_not_isolated()}"),
]

FAKE = '{"stage": "done", "number": 0, "token": "guess", "times": [0, 0], "params": 1}'
PLAN = Plan(
    rounds=1,
    passes=1,
    limits=Limits(seconds=120, memory_mb=1500, processes=12, printed_mb=1, output_mb=5, scratch_mb=64),
)
SIGNATURE = "def main(model_dir, input_path, output_path, device"
SKIP = "return"
BROKEN = "class Broken(Net):\n    def forward(self, x): return x * float('nan')\n"
LOADER = """\
def build_model(model_path, device):
    return torch.load(model_path, weights_only=False)
"""
LOOP = in_main("import time", "while True: time.sleep(1)")

# Name: the model, and what is to be said of it.
BAD = {
    "asks": (in_main("input('which device? ')"), r"EOFError.*cannot read from the keyboard"),
    "imports": ("import not_there_at_all\n" + GOOD, r"No module named 'not_there_at_all'; list the package"),
    "writes_inputs": (
        in_main("open(os.path.join(input_path, 'x.png'), 'w')"),
        r"Read-only file system",
    ),
    "forks": (in_main("while True: os.fork()"), r"more than 12 processes at once|more than 1500 MB"),
    "prints": (in_main("while True: print('x' * 100_000)"), r"printed more than 1 MB"),
    "hogs": (
        in_main("kept = []", "while True: kept.append(bytearray(os.urandom(1 << 20) * 50))"),
        r"used more than 1500 MB of memory",
    ),
    "hogs_at_once": (in_main("torch.ones(10**11)"), r"out of memory"),
    "fills": (in_main("open(output_path + '/x', 'wb').write(bytes(6_000_000))"), r"File too large"),
    "leaves_politely": (in_main("sys.exit(0)"), r"SystemExit: 0"),
    "fakes": (
        in_main(f"print('{FAKE}', flush=True)", "os._exit(0)"),
        r"ended after the stage 'imported'",
    ),
    "forges": (
        in_main(
            "for fd in range(3, 64):",
            "    try: os.write(fd, b'" + FAKE + "\\n')",
            "    except OSError: pass",
            "os._exit(0)",
        ),
        r"wrote into the results",
    ),
    "crashes": (in_main("import ctypes; ctypes.string_at(0)"), r"crashed \(SIGSEGV\), after"),
    "cuda": (
        in_main("torch.zeros(1, device='cuda')"),
        r"this run is on the CPU, but the model asks for CUDA",
    ),
    "stops_the_clock": (in_main("import time; time.perf_counter = lambda: 1.0"), r"its times cannot be true"),
    "nan": (GOOD.replace("Net()", "Broken()") + BROKEN, r"not finite \(NaN or infinity\)"),
    "small": (
        GOOD.replace("Net()", "nn.AvgPool2d(2)"),
        r"output of 001 has 28x20 pixels for an input of 56x40",
    ),
    "lazy": (f"{SIGNATURE}): pass\n", r"made no output for 2 of 2 images: 001, 002"),
    "links": (
        in_main("os.symlink('/etc/passwd', output_path + '/001.png')", SKIP),
        r"001\.png cannot be opened",
    ),
    "nothing": ("x = 1\n", r"no entry point: neither main\(model_dir"),
    "asks_more": (f"{SIGNATURE}, colour): pass\n", r"main asks for 'colour'"),
    "pickle": (LOADER, r"pickle that contains more than tensors.*--trust"),
}

# What stops these stops others of BAD too, or is tested by itself: each is a process that loads torch.
LONG = (
    "asks",
    "nan",
    "writes_inputs",
    "hogs_at_once",
    "leaves_politely",
    "fakes",
    "cuda",
    "small",
    "lazy",
    "links",
    "asks_more",
)
SHORT = [name for name in BAD if name not in LONG]

# These do what they should not and are kept from it; they go on and are measured like any other.
SLY = in_main(
    "try: socket.create_connection(('127.0.0.1', PORT), timeout=5)",
    "except OSError: pass",
    "else: raise AssertionError('reached the network')",
    # It snoops.
    "for path in ('SECRET', 'TESTS', '/var', '/run', '/etc/shadow', '/etc/ssl', '/dev/mem', '/boot'):",
    "    assert not os.path.exists(path), path",
    "assert 'STUDY_PASSWORD' not in os.environ",
    "assert os.listdir(os.path.join(os.path.dirname(__file__))) == [os.path.basename(__file__)]",
    "assert len([name for name in os.listdir('/proc') if name.isdigit()]) == 2",
    # It breaks what it can.
    "own = os.path.dirname(__file__)",
    "for folder in (input_path, own, model_dir, '/', '/usr', 'SECRET', '/proc/sys/kernel'):",
    "    for act in (lambda: open(folder + '/marked', 'w'), lambda: os.rename(folder, folder + 'x')):",
    "        try: act()",
    "        except OSError: pass",
    "for call in (lambda: os.kill(1, 9), lambda: os.mknod('/tmp/disk', 0o60600, os.makedev(254, 0))):",
    "    try: call()",
    "    except OSError: pass",
    "assert not os.path.exists('/tmp/disk')",
    "import subprocess",
    "assert subprocess.run(['unshare', '--user', 'true'], stderr=subprocess.DEVNULL).returncode",
    # It attaches to its guard.
    "import ctypes",
    "assert os.getppid() == 1",
    "assert ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0) == -1, 'froze its guard'",
    "try: open('/proc/1/mem', 'r+b')",
    "except OSError: pass",
    "else: raise AssertionError('writes its guard')",
)
LEAVES = in_main(
    "import subprocess",
    "subprocess.Popen(['sleep', '54321'], start_new_session=True, stdout=subprocess.DEVNULL)",
)


class Spoilt:
    """Unpickled, it runs a command."""

    def __reduce__(self):
        return os.system, ("touch harmed",)


@pytest.fixture(scope="module")
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture(scope="module")
def study(tmp_path_factory, listener):
    root = tmp_path_factory.mktemp("measured")
    write_inputs(root / "input")
    secret = root / "var"
    secret.mkdir()
    (secret / "key").write_text("secret")
    for name in SHORT:
        write_model(root, name, BAD[name][0], head="" if name == "nothing" else HEAD)
    filled = SLY.replace("SECRET", str(secret)).replace("TESTS", str(Path(__file__).parent))
    write_model(root, "sly", filled.replace("PORT", str(listener.getsockname()[1])))
    write_model(root, "leaves_a_process", LEAVES)
    write_model(root, "zz_good", GOOD)
    (root / "model_zoo").mkdir()
    (root / "model_zoo" / "pickle.pth").write_bytes(pickle.dumps(Spoilt()))
    return root


@pytest.fixture(scope="module")
def long_study(tmp_path_factory):
    root = tmp_path_factory.mktemp("long")
    write_inputs(root / "input")
    for name in LONG:
        write_model(root, name, BAD[name][0])
    return root


def asks_more(model_dir=None, input_path=None, output_path=None, device=None, *, colour):
    """A main with a parameter of its own."""


def listed(root: Path) -> dict[str, tuple[int, int]]:
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(root.rglob("*"))
    }


def measure(root):
    before = listed(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_PASSWORD", "secret")
        found = measure_models(find_models(root), sorted((root / "input").iterdir()), PLAN)
    assert listed(root) == before
    return {one.team: one for one in found}


@pytest.fixture(scope="module")
def measured(study):
    return measure(study)


@pytest.mark.parametrize("name", SHORT)
def test_a_bad_model_fails_alone_with_a_clear_answer(measured, name):
    assert re.search(BAD[name][1], measured[name].problem), measured[name].problem


@pytest.mark.slow
def test_more_bad_models_fail_with_a_clear_answer(long_study):
    found = measure(long_study)
    said = {name: found[name].problem for name in LONG}
    assert [text for name, text in said.items() if not re.search(BAD[name][1], text)] == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SystemExit(0), r"^SystemExit: 0$"),
        (MemoryError(), r"out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), r"; out of memory$"),
        (AssertionError("Torch not compiled with CUDA enabled"), r"but the model asks for CUDA"),
        (OSError(30, "Read-only file system", "x.png"), r"Read-only file system"),
    ],
)
def test_an_error_is_told_with_what_helps(error, said):
    assert re.search(said, _problem(error, "cpu"))


def test_a_main_that_asks_for_more_is_told_what_there_is():
    job = {"weights": None, "inputs_folder": "input"}
    with pytest.raises(EntryError, match=r"asks for 'colour'; use input_path"):
        call(asks_more, job, "cpu", "output")


@pytest.mark.parametrize("name", ["sly", "leaves_a_process", "zz_good"])
def test_the_others_are_measured(measured, name):
    assert measured[name].problem == "", measured[name].runs[-1].printed
    (run,) = measured[name].runs
    assert run.params == 84
    assert len(run.times) == 1
    assert len(run.times[0]) == len(IMAGES)


def test_nothing_reached_the_network_and_no_process_is_left(measured, listener):
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert not running("54321")


def test_the_table_has_a_row_for_each_with_the_problem(measured):
    table = measures_table(list(measured.values())).set_index("team")
    assert table.loc["zz_good", "status"] == "measured"
    assert table.loc["zz_good", "params_m"] == 84e-6
    assert table.loc["zz_good", "flops_g"] == pytest.approx(2 * 81 * 1024**2 / 1e9)
    assert table.loc["forks", ["params_m", "flops_g", "time_ms"]].isna().all()
    assert set(table.loc[SHORT, "status"]) == {"failed"}


def test_the_end_of_what_a_failed_model_printed_is_kept(measured):
    assert "not_there_at_all" in measured["imports"].runs[-1].printed
    told = notes(list(measured.values()))
    assert len(told) >= len(SHORT)
    (imports,) = [note for note in told if note.startswith("imports: failed: ModuleNotFoundError")]
    assert imports.splitlines()[-1] == "    ModuleNotFoundError: No module named 'not_there_at_all'"


def test_when_the_measuring_process_is_killed_its_models_end_too(study, tmp_path):
    source = in_main("import subprocess", "subprocess.Popen(['sleep', '98765'])", "while True: pass")
    write_model(tmp_path, "loop", source)
    command = [sys.executable, "-m", "studyapp.cli", "measure", tmp_path, "--inputs", study / "input"]
    environ = os.environ | {"TMPDIR": str(tmp_path)}
    process = subprocess.Popen([*command, "--output", tmp_path / "out.csv", "--device", "cpu"], env=environ)
    assert within(60, lambda: running("98765"))
    process.kill()
    process.wait()
    assert within(10, lambda: not running("98765"))


@pytest.mark.skipif(not os.access("/opt", os.W_OK), reason="may not write to /opt")
def test_a_study_in_a_folder_of_programs_is_not_seen():
    with tempfile.TemporaryDirectory(dir="/opt") as folder:
        root = Path(folder)
        write_inputs(root / "input")
        (root / "var").mkdir()
        (root / "var" / "key").write_text("secret")
        write_model(root, "team01_Rival", GOOD)
        alone = f"os.listdir({str(root / 'models')!r}) == ['team02_Spy.py']"
        look = f"sorted(os.listdir({str(root)!r})) == ['input', 'models']"
        write_model(root, "team02_Spy", in_main(f"assert {alone}", f"assert {look}"))
        (_, spy) = find_models(root)
        (one,) = measure_models([spy], sorted((root / "input").iterdir()), PLAN)
    assert one.problem == "", one.runs[-1].printed


def test_a_study_right_in_a_folder_of_programs_is_refused():
    with pytest.raises(AnalysisError, match="models can read /usr, and the study is directly in it; move it"):
        hidden_folders([], [Path("/usr/001.png")], {})


def within(seconds, condition) -> bool:
    end = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return met


def running(word: str) -> bool:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            found.append(path.read_bytes())
    return any(word.encode() in command for command in found)


def test_a_hang_ends_with_the_time(study, tmp_path):
    root = tmp_path / "study"
    write_model(root, "loop", LOOP)
    plan = Plan(rounds=1, passes=1, limits=Limits(seconds=4))
    (one,) = measure_models(find_models(root), sorted((study / "input").iterdir()), plan)
    assert one.problem == "ran longer than 4 s"
