"""The state of the hardware around a measurement, as far as it is available."""

import csv
import io
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from analysis.processes import cores

NOT_AVAILABLE = "not available"
GPU_QUERY = (
    *("name", "driver_version", "clocks.sm", "clocks.mem", "clocks.max.sm", "power.draw", "power.limit"),
    *("temperature.gpu", "utilization.gpu", "memory.used", "clocks_throttle_reasons.active", "pstate"),
)
_FREQUENCY = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq")
_GOVERNOR = _FREQUENCY.with_name("scaling_governor")


def machine() -> dict[str, Any]:
    """Return what does not change: system, Python, processors."""
    return {"system": platform.platform(), "python": platform.python_version(), "processors": cores()}


def state(*, on_gpu: bool) -> dict[str, Any]:
    """Return the current clocks, power and load; `not available` if unknown."""
    found: dict[str, Any] = {
        "load": round(os.getloadavg()[0], 2),
        "cpu_khz": _read(_FREQUENCY),
        "governor": _read(_GOVERNOR),
    }
    if on_gpu:
        found["gpus"] = _gpus()
    return found


def parse_gpus(text: str) -> list[dict[str, str]]:
    """Return what `nvidia-smi --format=csv,noheader` printed for `GPU_QUERY`, one dict a GPU.

    Examples
    --------
    >>> line = "NVIDIA H100, 550.54, 1980 MHz, 2619 MHz, 1980 MHz, 120.5 W, 700.0 W, 41, 0 %, 9 MiB, 0x0, P0"
    >>> parse_gpus(line)[0]["power.draw"]
    '120.5 W'
    """
    rows = csv.reader(io.StringIO(text), skipinitialspace=True)
    return [dict(zip(GPU_QUERY, row, strict=True)) for row in rows if len(row) == len(GPU_QUERY)]


def _gpus() -> list[dict[str, str]] | str:
    program = shutil.which("nvidia-smi")
    if program is None:
        return NOT_AVAILABLE
    command = [program, f"--query-gpu={','.join(GPU_QUERY)}", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return NOT_AVAILABLE
    return parse_gpus(done.stdout) or NOT_AVAILABLE


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return NOT_AVAILABLE
