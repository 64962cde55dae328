"""The cost of an operator: PyTorch's own formulas, and a few that PyTorch lacks.

The conventions are PyTorch's (`torch.utils.flop_counter`): two FLOPs for a multiply-accumulate, every
position of a convolution's kernel counted at the border too, bias not counted. A multiply-accumulate of
complex numbers is four of real ones.
"""
# pyright: reportMissingImports=false

from collections.abc import Callable
from math import log2, prod
from typing import Any

import torch
from torch.utils.flop_counter import flop_registry

aten = torch.ops.aten
_COMPLEX = 4
# A complex transform of N points: 5 N log2 N; a real one half of it (M. Frigo, S. G. Johnson, "The Design and
# Implementation of FFTW3", Proc. IEEE 93(2), 2005, and their benchFFT).
_FFT, _REAL_FFT = 5.0, 2.5


def has_formula(func: Any) -> bool:
    """Whether an operator is counted."""
    packet = func._overloadpacket
    return packet in _OURS or packet in flop_registry or packet in _FFTS


def macs(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> int | None:
    """Return the multiply-accumulates of a call, None for an operator without a formula."""
    packet = func._overloadpacket
    if packet in _OURS:
        real = _OURS[packet](*args)
    elif packet in flop_registry:
        real = flop_registry[packet](*args, **kwargs, out_val=out) // 2
    else:
        return None
    return real * (_COMPLEX if isinstance(out, torch.Tensor) and out.is_complex() else 1)


def fft_flops(func: Any, args: tuple[Any, ...], out: Any) -> int | None:
    """Return the estimated FLOPs of a Fourier transform, None for any other operator.

    `5 N log2 N` for a complex transform of N points (all transformed dimensions together), half of it for a
    real one.
    """
    packet = func._overloadpacket
    if packet not in _FFTS:
        return None
    points = out if packet is aten._fft_c2r else args[0]
    length = prod(points.shape[dim] for dim in args[1])
    constant = _FFT if packet is aten._fft_c2c else _REAL_FFT
    return round(constant * points.numel() * log2(length)) if length else 0


def _mv(matrix: torch.Tensor, _vector: torch.Tensor) -> int:
    return matrix.numel()


def _addmv(_bias: torch.Tensor, matrix: torch.Tensor, _vector: torch.Tensor) -> int:
    return matrix.numel()


def _dot(vector: torch.Tensor, _other: torch.Tensor) -> int:
    return vector.numel()


def _int_mm(left: torch.Tensor, right: torch.Tensor) -> int:
    return left.numel() * right.shape[1]


def _addbmm(_bias: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> int:
    return left.numel() * right.shape[2]


def _distances(left: torch.Tensor, right: torch.Tensor) -> int:
    # |a|^2 + |b|^2 - 2 ab as one product, with two more columns.
    return prod(left.shape[:-1]) * right.shape[-2] * (left.shape[-1] + 2)


def _attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: Any) -> int:
    scores = prod(query.shape[:-1]) * key.shape[-2]
    return scores * (query.shape[-1] + value.shape[-1])


def _recurrent(steps: torch.Tensor, inward: torch.Tensor, across: torch.Tensor, *_: Any) -> int:
    return prod(steps.shape[:-1]) * (inward.numel() + across.numel())


_FFTS = {aten._fft_c2c, aten._fft_r2c, aten._fft_c2r}
_OURS: dict[Any, Callable[..., int]] = {
    aten.mv: _mv,
    aten.addmv: _addmv,
    aten.dot: _dot,
    aten.vdot: _dot,
    aten.addbmm: _addbmm,
    aten._int_mm: _int_mm,
    aten._euclidean_dist: _distances,
    aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    aten.mkldnn_rnn_layer: _recurrent,
}
