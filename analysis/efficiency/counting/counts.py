"""The result of counting a model: plain numbers that can be kept, sent or printed without PyTorch."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Counted:
    """An operator that was counted: multiply-accumulates, or FLOPs by an estimate (FFT)."""

    name: str
    calls: int
    macs: int
    estimated_flops: int


@dataclass(frozen=True)
class Uncounted:
    """An operator that does work but was not counted.

    `kind` says what sort of work: `outside aten` and `unknown` make the count incomplete; the others cost a
    few operations for each element. `share` is its share, 0 to 1, of the output elements of all operators.
    """

    name: str
    kind: str
    calls: int
    elements: int
    share: float


@dataclass(frozen=True)
class FvcoreCount:
    """What fvcore counts, and our count for an input of the same shape.

    fvcore calls its numbers FLOPs; for convolutions and products they are multiply-accumulates. `operators`
    are its counts by operator, `unsupported` the operators it left out with their calls.
    """

    shape: tuple[int, ...]
    macs: int
    ours: int
    operators: tuple[tuple[str, int], ...]
    unsupported: tuple[tuple[str, int], ...]

    @property
    def ratio(self) -> float | None:
        """fvcore's number divided by ours; None if ours is 0."""
        return self.macs / self.ours if self.ours else None


@dataclass(frozen=True)
class Counts:
    """Parameters, operations and activations of one forward pass.

    Attributes
    ----------
    shape
        Of the input.
    params, trainable
        Elements of all parameters, and of those that require a gradient; a shared tensor counts once.
    buffers
        Elements of buffers, which are not in `params`.
    macs
        Multiply-accumulates of convolutions and matrix products; bias is not counted.
    flops
        `2 * macs + estimated_flops`.
    estimated_flops
        Of FFTs, by formula.
    activations
        Elements of the outputs of the operators in `macs`.
    counted, uncounted
        Every operator that does work, the heaviest first.
    complete
        False if something ran whose work is unknown; see `Uncounted` and `notes`.
    how
        Where the forward pass ran.
    fvcore
        The cross-check, if it was requested and possible.
    notes
        Sentences for the reader.
    """

    shape: tuple[int, ...]
    params: int
    trainable: int
    buffers: int
    macs: int
    flops: int
    estimated_flops: int
    activations: int
    counted: tuple[Counted, ...]
    uncounted: tuple[Uncounted, ...]
    complete: bool
    how: str
    fvcore: FvcoreCount | None
    notes: tuple[str, ...]

    @property
    def params_m(self) -> float:
        """Millions of parameters."""
        return self.params / 1e6

    @property
    def macs_g(self) -> float:
        """Billions of multiply-accumulates."""
        return self.macs / 1e9

    @property
    def flops_g(self) -> float:
        """Billions of floating-point operations."""
        return self.flops / 1e9

    @property
    def activations_m(self) -> float:
        """Millions of activations."""
        return self.activations / 1e6

    @property
    def fvcore_macs(self) -> int | None:
        """fvcore's number for the same shape; None if it was not run at that shape."""
        return self.fvcore.macs if self.fvcore and self.fvcore.shape == self.shape else None

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for JSON, with `fvcore_macs` and fvcore's `ratio`."""
        fields = asdict(self)
        if self.fvcore:
            fields["fvcore"]["ratio"] = self.fvcore.ratio
        return {**fields, "fvcore_macs": self.fvcore_macs}
