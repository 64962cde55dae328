"""Two clocks for forward passes: CUDA's events on a GPU, perf_counter on a CPU. All device-specific code."""
# pyright: reportMissingImports=false

import resource
import time
from typing import Any, Protocol

_ASKING_MS, _ASKING_SHARE = 0.1, 0.01  # what synchronising an idle GPU may take


class Clock(Protocol):
    """Times work on a device.

    Attributes
    ----------
    warmup_forwards, warmup_s
        How long a shape is warmed up: at least so many forward passes, and so many seconds.
    """

    warmup_forwards: int
    warmup_s: float

    def start(self) -> Any:
        """Wait for running work, and start."""
        ...

    def stop(self, begun: Any) -> float:
        """Wait for the work since the start, and return its milliseconds."""
        ...

    def reset_memory(self) -> None:
        """Reset the memory peak, if the device allows it."""
        ...

    def memory(self) -> dict[str, float]:
        """Return the peak memory in MB by name; the first is the one to show."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return the device and the settings that affect its speed."""
        ...

    def release(self) -> None:
        """Give back memory that a failed forward pass held on the device."""
        ...


class CpuClock:
    """perf_counter, and the peak resident memory of the process."""

    def __init__(self, warmup_forwards: int | None, warmup_s: float | None) -> None:
        self.warmup_forwards = 1 if warmup_forwards is None else warmup_forwards
        self.warmup_s = 0.0 if warmup_s is None else warmup_s

    def start(self) -> float:
        return time.perf_counter()

    def stop(self, begun: float) -> float:
        return (time.perf_counter() - begun) * 1e3

    def reset_memory(self) -> None:
        """The kernel keeps one peak for the life of a process."""

    def memory(self) -> dict[str, float]:
        return {"peak resident": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}

    def facts(self) -> dict[str, Any]:
        import torch

        return {
            "device": f"CPU, {_processor()}",
            "comparable": False,
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
        }

    def release(self) -> None:
        """Nothing is held."""


class CudaClock:
    """CUDA events around each forward, with a synchronisation before and after."""

    def __init__(self, device: Any, warmup_forwards: int | None, warmup_s: float | None) -> None:
        self.warmup_forwards = 10 if warmup_forwards is None else warmup_forwards
        self.warmup_s = 3.0 if warmup_s is None else warmup_s
        self._device = device

    def start(self) -> Any:
        import torch

        torch.cuda.synchronize(self._device)
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def stop(self, begun: Any) -> float:
        import torch

        event = torch.cuda.Event(enable_timing=True)
        event.record()
        event.synchronize()
        waited = time.perf_counter()
        torch.cuda.synchronize(self._device)
        left = (time.perf_counter() - waited) * 1e3
        return with_what_was_left(float(begun.elapsed_time(event)), left)

    def reset_memory(self) -> None:
        import torch

        torch.cuda.reset_peak_memory_stats(self._device)

    def memory(self) -> dict[str, float]:
        import torch

        return {
            "peak allocated": torch.cuda.max_memory_allocated(self._device) / 1e6,
            "peak reserved": torch.cuda.max_memory_reserved(self._device) / 1e6,
        }

    def facts(self) -> dict[str, Any]:
        import torch

        return {
            "device": torch.cuda.get_device_name(self._device),
            "comparable": True,
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
            "cudnn_benchmark": torch.backends.cudnn.benchmark,
            "tf32": [torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32],
        }

    def release(self) -> None:
        import torch

        torch.cuda.empty_cache()


def with_what_was_left(elapsed: float, left: float) -> float:
    """Return a forward's milliseconds with the work that it left running in other streams.

    The event knows of its own stream only; `left` is how long the whole GPU took until it was idle. What
    asking takes by itself is not counted.

    Examples
    --------
    >>> with_what_was_left(10.0, 0.02), with_what_was_left(10.0, 5.0)
    (10.0, 15.0)
    """
    return elapsed + left if left > max(_ASKING_MS, _ASKING_SHARE * elapsed) else elapsed


def clock_for(device: Any, warmup_forwards: int | None, warmup_s: float | None) -> Clock:
    """Return the clock of a torch device."""
    import torch

    if device.type == "cuda":
        if device.index is not None:
            torch.cuda.set_device(device)  # events are recorded on the current device
        return CudaClock(device, warmup_forwards, warmup_s)
    return CpuClock(warmup_forwards, warmup_s)


def limit_memory(device: Any, most_mb: float) -> None:
    """Let PyTorch allocate no more than so many MB on a GPU; what it refuses is out of memory to a model."""
    import torch

    whole = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(most_mb * 2**20 / whole, 1.0), device)


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else "unknown model"
