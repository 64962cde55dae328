"""Limits for a measured model."""

import os
from dataclasses import asdict, dataclass, field
from typing import Any

_SHARE = 0.8
_ADDRESS_MB = 8192


def _most_memory_mb() -> int:
    return int(_SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20)


@dataclass(frozen=True)
class Limits:
    """Limits for one run of one model.

    Attributes
    ----------
    seconds
        Wall clock, from start to end.
    memory_mb
        Memory of all its processes together; by default 80 % of the machine's memory.
    processes, threads
        At once. The kernel counts threads per user, and not at all for root.
    printed_mb
        How much it may print.
    output_mb
        The size of its output folder, and of the largest file.
    scratch_mb
        The size of its /tmp and of its /dev/shm; both are memory.
    """

    seconds: float = 3600
    memory_mb: int = field(default_factory=_most_memory_mb)
    processes: int = 64
    threads: int = 4096
    printed_mb: int = 16
    output_mb: int = 4000
    scratch_mb: int = 1024

    def as_job(self, *, on_gpu: bool) -> dict[str, Any]:
        """The limits as the model's process reads them.

        CUDA reserves far more addresses than it uses, so that there is no limit on addresses with a GPU. On a
        CPU it lies some GB above the memory's: libraries reserve, too.
        """
        return {**asdict(self), "address_mb": 0 if on_gpu else self.memory_mb + _ADDRESS_MB}
