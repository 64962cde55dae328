"""Rules by name, each with its source; they contain what a challenge printed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ESCORE = "points(params_m, lower, 10) + points(flops_g, lower, 10) + points(time_ms, lower, 10)"
RAIM_SCORE = "20*psnr/50 + 15*(ssim-0.5)/0.5 + 20*(1-lpips/0.4) + 40*(1-dists/0.3) + 30*(1-niqe/10)"
_PERCEPTUAL = "(1-lpips) + (1-dists) + clipiqa + maniqa + musiq/100 + max(0, (10-niqe)/10)"
_ESR = (
    "0.7*exp(2*time_ms/base(time_ms)) + 0.15*exp(2*flops_g/base(flops_g)) "
    "+ 0.15*exp(2*params_m/base(params_m))"
)


@dataclass(frozen=True)
class Preset:
    """A rule with a name.

    Attributes
    ----------
    source
        Who published it, and which parts of it are not printed there.
    rules
        As in the key `rules` of study.yaml; `final` decides the ranks.
    """

    source: str
    rules: Mapping[str, Mapping[str, Any]]


def _final(score: str, **keys: Any) -> dict[str, dict[str, Any]]:
    return {"final": {"score": score, **keys}}


PRESETS: Mapping[str, Preset] = {
    "user-study": Preset("the user study alone, min-max normalised", _final("100*minmax(u)")),
    "raim-2024": Preset("report of NTIRE 2024 RAIM", _final("0.4*s2 + 0.6*100*minmax(u)")),
    "raim-2025": Preset(
        "NTIRE 2025 RAIM; the report does not print the weights, which follow from its tables",
        _final("0.2*s2 + 0.8*(escore + 100*u/top(u))"),
    ),
    "raim-2025-as-written": Preset(
        "NTIRE 2025 RAIM as worded in its report; it reproduces no row of the report's tables",
        _final("0.4*s2 + 0.6*100*minmax(escore + u)"),
    ),
    "raim-score": Preset(
        "SCORE of NTIRE 2024 and 2025 RAIM (the report of 2024 prints (1 - LPIPS)/0.4 and so on, a "
        "misprint: every score would exceed 150, but the published ones are 70 to 82)",
        _final(RAIM_SCORE, per="image"),
    ),
    "reduced": Preset(
        "SCORE of RAIM without the metrics that need networks",
        _final("20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)", per="image"),
    ),
    "raim-escore": Preset("EScore of NTIRE 2025 RAIM", _final(ESCORE)),
    "raim-2026-hdr": Preset(
        "NTIRE 2026 RAIM, HDR track (its eval.py resizes results of the wrong size; here they are refused)",
        _final("30*psnr/50 + 22.5*(ssim-0.5)/0.5 + 30*(1-lpips/0.4)", per="image"),
    ),
    "ntire-2026-sr-perceptual": Preset(
        "NTIRE 2026 image super-resolution (x4), track 2", _final(_PERCEPTUAL)
    ),
    "ntire-2026-sr-overall": Preset(
        "NTIRE 2026 image super-resolution (x4), both tracks: the better of the two ranks, then their mean",
        {
            "perceptual": {"score": _PERCEPTUAL},
            **_final(
                "mean_of(rank(psnr, higher), rank(perceptual, higher))",
                order=["min(rank(psnr, higher), rank(perceptual, higher))", "score"],
                better="lower",
            ),
        },
    ),
    "ntire-2026-mobile-rwsr": Preset(
        "NTIRE 2026 mobile real-world super-resolution",
        {"perceptual": {"score": _PERCEPTUAL}, **_final("2**perceptual * speedup**0.2")},
    ),
    "ntire-2026-rwfr": Preset(
        "NTIRE 2026 real-world face restoration; column bound: the image's, 0.30 in WIDER and WebPhoto, "
        "0.60 in LFW and CelebChild, 0.50 in CelebA",
        _final(
            "clipiqa + maniqa + musiq/100 + max(0, (10-niqe)/10) + qalign/5 + max(0, (100-fid)/100)",
            require=["count(cosine < bound) <= 10"],
        ),
    ),
    "esr": Preset(
        "NTIRE efficient super-resolution, relative to a model of your own table (`--base`)",
        _final(_ESR, better="lower"),
    ),
    "esr-2025": Preset(
        "NTIRE 2025 efficient super-resolution; the base is EFDN",
        _final(
            _ESR,
            better="lower",
            base={"time_ms": 16.69, "flops_g": 16.70, "params_m": 0.276},
        ),
    ),
    "esr-2026": Preset(
        "NTIRE 2026 efficient super-resolution; the base is SPAN",
        _final(
            "0.8*exp(2*time_ms/base(time_ms)) + 0.1*exp(2*flops_g/base(flops_g)) "
            "+ 0.1*exp(2*params_m/base(params_m))",
            better="lower",
            require=["val_psnr >= 26.90 (2 decimals)", "test_psnr >= 26.99 (2 decimals)"],
            base={"time_ms": 7.74, "flops_g": 9.83, "params_m": 0.151},
        ),
    ),
    "mos": Preset("ratings: the mean opinion score", _final("mos")),
    "bt": Preset("pairs: Bradley-Terry log worths, with a tie as half a win for each team", _final("bt")),
    "subjectify-bt": Preset(
        "Subjectify: Bradley-Terry (a tie is half a win for each team, 0.1 is added to every ordered "
        "pair), lowest at 0",
        _final("bt_prior - low(bt_prior)"),
    ),
}
