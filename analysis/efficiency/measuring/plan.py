"""How models are measured."""

from dataclasses import dataclass, field
from pathlib import Path

from analysis.efficiency.measuring import packages
from analysis.efficiency.measuring.limits import Limits

ROUNDS = 2
CPU_PASSES, GPU_PASSES = 2, 3


@dataclass(frozen=True)
class Plan:
    """How to measure.

    Attributes
    ----------
    device
        "cpu" or "cuda".
    passes
        Over all images, in every round; None: 3 on a GPU, 2 on a CPU.
    rounds
        How many processes each model gets; the models take turns, so that drift affects all of them.
    warmup_forwards, warmup_s
        For each shape; None: 10 forward passes and 3 s on a GPU, one forward pass on a CPU.
    count_s
        For counting FLOPs.
    gpu_memory_mb
        What PyTorch may allocate on a GPU; None for all of it.
    trust
        Run models without isolation if it is impossible, and allow weights that are pickles.
    install
        Download the packages that models ask for.
    cache
        Where environments are kept.
    """

    device: str = "cpu"
    passes: int | None = None
    rounds: int = ROUNDS
    warmup_forwards: int | None = None
    warmup_s: float | None = None
    count_s: float = 300
    gpu_memory_mb: int | None = None
    trust: bool = False
    install: bool = False
    limits: Limits = field(default_factory=Limits)
    cache: Path = field(default_factory=packages.default_cache)

    @property
    def passes_a_round(self) -> int:
        """How many passes each process times."""
        return self.passes or (GPU_PASSES if self.on_gpu else CPU_PASSES)

    @property
    def on_gpu(self) -> bool:
        """Whether the models run on a GPU."""
        return self.device.startswith("cuda")
