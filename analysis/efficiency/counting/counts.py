"""The result of counting a model: plain numbers that can be kept, sent or printed without PyTorch."""

from dataclasses import asdict, astuple, dataclass
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
    `possible` are the multiply-accumulates of one that may do anything, if it applies each of the weights
    that it is given at every position of its output; 0 where it takes none.
    """

    name: str
    kind: str
    calls: int
    elements: int
    share: float
    possible: int = 0


@dataclass(frozen=True)
class WeightUse:
    """Elements of the parameters, by what a forward pass does with them.

    Attributes
    ----------
    full
        Multiplied at every pixel of the input, or more often.
    fewer
        Multiplied at fewer positions: behind a stride or pooling, on vectors, or by choice.
    hidden
        Taken by an operator that was not counted, and by no other that multiplies.
    added
        Biases, scales, tables: they meet operators of a few operations for an element only.
    unused
        Met by no operator: left from training, or used outside PyTorch.
    """

    full: int
    fewer: int
    hidden: int
    added: int
    unused: int

    def plus(self, other: "WeightUse") -> "WeightUse":
        """Return those of two networks together."""
        return WeightUse(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


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
    weights
        What becomes of the parameters.
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
    weights: WeightUse

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
