"""How far one picture is moved against another, to a few hundredths of a pixel.

The cross spectrum of two pictures has the shift in its phase (Kuglin and Hines, "The phase correlation image
alignment method", 1975). Dividing it by its own amplitude, as they do, lets every frequency count alike, and
those in which an input has only noise or blur mislead. Here it keeps its amplitude and is weighted by the
square of the frequency, which is what correlating gradients does (Argyriou and Vlachos, "Estimation of
sub-pixel motion using gradient cross-correlation", Electronics Letters 39, 2003), and by a Gaussian
that leaves out the finest detail. docs/preflight.md has what was measured.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Spectrum = NDArray[np.complex64]

_FINEST = 0.1  # cycles per pixel: where the Gaussian has fallen to 61 %
_STEPS = 5


@dataclass(frozen=True)
class Shift:
    """How far the second picture is moved: `dx` pixels to the right, `dy` pixels down.

    `peak` is the height of the correlation there, in standard deviations of all places: about 4 by chance.
    """

    dx: float
    dy: float
    peak: float


def cross_spectra(first: NDArray, second: NDArray) -> Spectrum:
    """Return the weighted cross spectra of stacks of pictures.

    Parameters
    ----------
    first, second
        (..., height, width), of the same shape.

    Returns
    -------
    complex array
        (..., height, width // 2 + 1). Spectra of pictures of one size may be added up: the shift that is
        then found is the one they have in common.
    """
    height, width = first.shape[-2:]
    window, weight = _weights(height, width)
    spectra = [_spectrum(pictures, window) for pictures in (first, second)]
    return spectra[1] * spectra[0].conj() * weight


def shift_of(
    spectrum: Spectrum, shape: tuple[int, int], reach: float, near: tuple[float, float] = (0, 0)
) -> Shift:
    """Return the shift that a cross spectrum shows.

    Parameters
    ----------
    spectrum
        One cross spectrum, or the sum of several.
    shape
        Height and width of the pictures.
    reach
        The largest shift to look for along each axis, in pixels, around `near`.
    near
        (dx, dy) to look around.
    """
    surface = np.asarray(fft.irfft2(spectrum, s=shape))
    rows, columns = (fft.fftfreq(length, 1 / length) for length in shape)
    far = (np.abs(rows - near[1]) > reach)[:, np.newaxis] | (np.abs(columns - near[0]) > reach)
    spread = float(np.sqrt(np.mean(surface**2)))
    place = int(np.argmax(np.where(far, -np.inf, surface)))
    row, column = divmod(place, shape[1])
    peak = float(surface[row, column]) / spread if spread > 0 else 0.0
    dx, dy = _refined(spectrum, shape, float(columns[column]), float(rows[row]))
    return Shift(dx, dy, peak)


def _spectrum(pictures: NDArray, window: NDArray) -> Spectrum:
    values = pictures.astype(np.float32)
    values -= values.mean(axis=(-2, -1), keepdims=True)
    return np.asarray(fft.rfft2(values * window))


@lru_cache(maxsize=64)
def _weights(height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Hann's window, and the weight of each frequency."""
    window = np.outer(np.hanning(height), np.hanning(width))
    square = fft.fftfreq(height)[:, np.newaxis] ** 2 + fft.rfftfreq(width) ** 2
    return window.astype(np.float32), (square * np.exp(-square / (2 * _FINEST**2))).astype(np.float32)


def _refined(spectrum: Spectrum, shape: tuple[int, int], dx: float, dy: float) -> tuple[float, float]:
    """Climb to the top of the correlation between pixels by Newton's method, at most one pixel."""
    down = 2 * np.pi * fft.fftfreq(shape[0])[:, np.newaxis]
    right = 2 * np.pi * fft.rfftfreq(shape[1])
    start = np.array([dx, dy])
    at = start.copy()
    for _ in range(_STEPS):
        turned = spectrum * (np.exp(1j * at[1] * down) * np.exp(1j * at[0] * right))
        slope = -np.array([np.sum(turned.imag * right), np.sum(turned.imag * down)])
        across = np.sum(turned.real * right * down)
        curve = -np.array([[np.sum(turned.real * right**2), across], [across, np.sum(turned.real * down**2)]])
        if np.linalg.det(curve) <= 0 or curve[0, 0] >= 0:
            break  # not on a hilltop
        at = np.clip(at - np.linalg.solve(curve, slope), start - 1, start + 1)
    return float(at[0]), float(at[1])
