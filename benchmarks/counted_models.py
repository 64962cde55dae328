"""Small models with counts by hand, and networks in the styles of restoration, for `bench_counting`."""

from collections.abc import Callable
from math import log2

import torch
from torch import nn
from torch.nn import functional as F


class Of(nn.Module):
    """A module made of a function of itself and its input, with the modules that it uses."""

    def __init__(self, function: Callable, **modules: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Apply the function."""
        return self.function(self, x)


def tokens(x: torch.Tensor) -> torch.Tensor:
    """Turn an image into as many tokens as pixels of a quarter of the sides, of 48 features."""
    return F.pixel_unshuffle(x, 4).flatten(2).mT


def heads(x: torch.Tensor) -> torch.Tensor:
    """Share the features among three heads."""
    return tokens(x).unflatten(2, (3, 16)).transpose(1, 2)


class Squares(torch.autograd.Function):
    """Products in a function with its own gradient."""

    @staticmethod
    def forward(_ctx, x: torch.Tensor) -> torch.Tensor:
        """Multiply rows."""
        return x @ x.mT


def cases(side: int) -> dict[str, tuple[Callable[[], nn.Module], int]]:
    """Return name -> (how to make the model, multiply-accumulates by hand, half the FLOPs for FFT)."""
    pixels, count = side * side, (side // 4) ** 2
    attention = 2 * count * count * 48
    convolution = 16 * 3 * 9 * pixels
    return {
        "convolution": (lambda: nn.Conv2d(3, 16, 3, padding=1), convolution),
        "padding='same'": (lambda: nn.Conv2d(3, 16, 3, padding="same"), convolution),
        "depthwise convolution": (lambda: nn.Conv2d(3, 3, 7, padding=3, groups=3), 3 * 49 * pixels),
        "transposed convolution": (lambda: nn.ConvTranspose2d(3, 16, 4, 2, 1), 3 * 16 * 16 * pixels),
        "functional convolution": (
            lambda: Of(lambda _, x: F.conv2d(x, torch.ones(16, 3, 3, 3), padding=1)),
            convolution,
        ),
        "attention: scaled_dot_product": (
            lambda: Of(lambda _, x: F.scaled_dot_product_attention(*3 * [heads(x)])),
            attention,
        ),
        "attention: products": (
            lambda: Of(lambda _, x: (heads(x) @ heads(x).mT).softmax(-1) @ heads(x)),
            attention,
        ),
        "attention: einsum": (lambda: Of(_by_einsum), attention),
        "attention: nn.MultiheadAttention": (
            lambda: Of(
                lambda net, x: net.layer(*3 * [tokens(x)], need_weights=False)[0],
                layer=nn.MultiheadAttention(48, 3, batch_first=True),
            ),
            attention + 4 * count * 48 * 48,
        ),
        "FFT, as 2.5 N log2 N FLOPs": (
            lambda: Of(lambda _, x: torch.fft.rfft2(x)),
            round(2.5 * 3 * pixels * log2(pixels) / 2),
        ),
        "autograd.Function": (lambda: Of(lambda _, x: Squares.apply(x)), 3 * side * side * side),
        "scripted module": (lambda: torch.jit.script(nn.Conv2d(3, 16, 3, padding=1)), convolution),
        "convolution and GroupNorm": (
            lambda: nn.Sequential(nn.Conv2d(3, 16, 1), nn.GroupNorm(4, 16)),
            3 * 16 * pixels,
        ),
    }


def _by_einsum(_net: nn.Module, x: torch.Tensor) -> torch.Tensor:
    q = heads(x)
    return torch.einsum("bhqk,bhkd->bhqd", torch.einsum("bhqd,bhkd->bhqk", q, q).softmax(-1), q)


def networks() -> dict[str, Callable[[], nn.Module]]:
    """Return name -> how to make a network."""
    return {
        "17 convolutions of 64": lambda: _plain(17, 64),
        "window attention, 4 layers of 60": lambda: Of(_in_windows, **_window_modules(60, 4)),
        "6 convolutions of 32, reads a value": lambda: nn.Sequential(Of(_scaled), _plain(6, 32)),
        "scan by columns": lambda: Of(_scan, inward=nn.Conv2d(3, 16, 1), step=nn.Linear(16, 16)),
    }


def _plain(depth: int, width: int) -> nn.Module:
    inner = [layer for _ in range(depth - 2) for layer in (nn.Conv2d(width, width, 3, 1, 1), nn.ReLU())]
    return nn.Sequential(nn.Conv2d(3, width, 3, 1, 1), *inner, nn.Conv2d(width, 3, 3, 1, 1))


def _window_modules(width: int, depth: int) -> dict[str, nn.Module]:
    layers = nn.ModuleList(
        nn.ModuleList([nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)])
        for _ in range(depth)
    )
    return {"inward": nn.Conv2d(3, width, 3, 1, 1), "layers": layers, "outward": nn.Conv2d(width, 3, 3, 1, 1)}


def _in_windows(net: nn.Module, x: torch.Tensor) -> torch.Tensor:
    x = net.inward(x)
    batch, width, height, across = x.shape
    for i, (norm, inward, outward) in enumerate(net.layers):
        shifted = torch.roll(x, (-4 * (i % 2),) * 2, (2, 3))
        windows = shifted.reshape(batch, width, height // 8, 8, across // 8, 8)
        windows = windows.permute(0, 2, 4, 3, 5, 1).reshape(-1, 64, width)
        q, k, v = inward(norm(windows)).unflatten(2, (3, 6, width // 6)).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        joined = outward(seen).reshape(batch, height // 8, across // 8, 8, 8, width)
        x = x + torch.roll(joined.permute(0, 5, 1, 3, 2, 4).reshape(x.shape), (4 * (i % 2),) * 2, (2, 3))
    return net.outward(x)


def _scaled(_net: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return x / max(x.max().item(), 1)


def _scan(net: nn.Module, x: torch.Tensor) -> torch.Tensor:
    x = net.inward(x).permute(3, 0, 2, 1)
    state, states = torch.zeros_like(x[0]), []
    for column in x:
        state = torch.sigmoid(net.step(state)) * state + column
        states.append(state)
    return torch.stack(states, -1)
