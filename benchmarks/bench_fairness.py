"""The fairness checks: how often each finds its fault, how often honest teams are accused, and speed."""

import argparse
import pickle
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from analysis.imaging import Policy
from analysis.imaging.decode import decode
from analysis.preflight.evidence import Evidence, measure
from analysis.preflight.finding import Finding
from analysis.preflight.findings import findings
from analysis.preflight.sketch import sketch
from benchmarks.bench_tiling import photograph
from benchmarks.made_up_restorations import (
    MadeUp,
    cropped_and_enlarged,
    framed,
    jpeg,
    lettered,
    made_up,
    noisy,
    recoloured,
    scene,
    shifted,
    zoomed,
)
from studyapp.imaging.ingest import ImageFile
from studyapp.services.folder.fairness import Fairness, Together, look

Pixels = np.ndarray
Fault = Callable[[MadeUp, str, str, np.random.Generator], Pixels]
"""From a study, a team, an image and a source of chance to the team's faulty candidate."""


def _own(change: Callable[[Pixels], Pixels]) -> Fault:
    return lambda study, team, image, rng: change(study.teams[team][image])


def _others(change: Callable[[Pixels, np.random.Generator], Pixels]) -> Fault:
    """A candidate made of the last team's."""
    return lambda study, team, image, rng: change(study.teams[max(study.teams)][image], rng)


def _range(pixels: Pixels) -> Pixels:
    return recoloured(pixels, (16, 16, 16), gain=219 / 255)


FAULTS: dict[str, tuple[str, Fault]] = {
    "shift by (0.5, 0) px": ("shift", _own(lambda pixels: shifted(pixels, 0.5, 0))),
    "shift by (0.5, 0.5) px": ("shift", _own(lambda pixels: shifted(pixels, 0.5, 0.5))),
    "shift by (1, 0) px": ("shift", _own(lambda pixels: shifted(pixels, 1, 0))),
    "shift by (-1.5, 1) px": ("shift", _own(lambda pixels: shifted(pixels, -1.5, 1))),
    "shift by (3, -2) px": ("shift", _own(lambda pixels: shifted(pixels, 3, -2))),
    "shift by (8, 8) px": ("shift", _own(lambda pixels: shifted(pixels, 8, 8))),
    "enlarged by 1.005": ("scale", _own(lambda pixels: zoomed(pixels, 1.005))),
    "enlarged by 1.02": ("scale", _own(lambda pixels: zoomed(pixels, 1.02))),
    "reduced by 0.95": ("scale", _own(lambda pixels: zoomed(pixels, 0.95))),
    "enlarged by 1.1": ("scale|misplaced", _own(lambda pixels: zoomed(pixels, 1.1))),
    "cropped by 1 px, enlarged": ("scale", _own(lambda pixels: cropped_and_enlarged(pixels, 1))),
    "cropped by 4 px, enlarged": ("scale", _own(lambda pixels: cropped_and_enlarged(pixels, 4))),
    "rotated by 0.3 degrees": ("rotation", _own(lambda pixels: zoomed(pixels, 1, 0.3))),
    "rotated by 2 degrees": ("rotation", _own(lambda pixels: zoomed(pixels, 1, 2))),
    "rotated by 5 degrees": ("rotation|misplaced", _own(lambda pixels: zoomed(pixels, 1, 5))),
    "mirrored": ("turned", _own(lambda pixels: pixels[:, ::-1].copy())),
    "upside down": ("turned", _own(lambda pixels: pixels[::-1].copy())),
    "rotated by 180 degrees": ("turned", _own(lambda pixels: pixels[::-1, ::-1].copy())),
    "black border of 1 px": ("border", _own(lambda pixels: framed(pixels, 1))),
    "white border of 8 px": ("border", _own(lambda pixels: framed(pixels, 8, 255))),
    "edge repeated over 2 px": ("border", _own(lambda pixels: framed(pixels, 2, None))),
    "edge repeated over 8 px": ("border", _own(lambda pixels: framed(pixels, 8, None))),
    "brighter by 4 levels": ("brightness", _own(lambda pixels: recoloured(pixels, (4, 4, 4)))),
    "darker by 12 levels": ("brightness", _own(lambda pixels: recoloured(pixels, (-12, -12, -12)))),
    "red +6, blue -6": ("colour", _own(lambda pixels: recoloured(pixels, (6, 0, -6)))),
    "levels 16 to 235": ("levels", _own(_range)),
    "BGR for RGB": ("channels", _own(lambda pixels: pixels[..., ::-1].copy())),
    "another scene": (
        "scene",
        lambda study, team, image, rng: scene(rng, study.teams[team][image].shape[1::-1]),
    ),
    "another image of the study": ("scene", lambda study, team, image, rng: _next(study, team, image)),
    "copy, JPEG 98": ("copy", _others(lambda pixels, rng: jpeg(pixels, 98))),
    "copy, JPEG 90": ("copy", _others(lambda pixels, rng: jpeg(pixels, 90))),
    "copy, noise of 1 level": ("copy", _others(lambda pixels, rng: noisy(pixels, 1, rng))),
    "copy, noise of 3 levels": ("copy", _others(lambda pixels, rng: noisy(pixels, 3, rng))),
    "copy, moved by a pixel": ("copy", _others(lambda pixels, rng: shifted(pixels, 1, 0))),
    "the input, JPEG 98": ("copy", lambda study, team, image, rng: jpeg(_full_size(study, image), 98)),
    "the ground truth, JPEG 98": ("copy", lambda study, team, image, rng: jpeg(study.truths[image], 98)),
    "letters, opacity 0.1": ("overlay", _own(lambda pixels: lettered(pixels, 0.1))),
    "letters, opacity 0.5": ("overlay", _own(lambda pixels: lettered(pixels, 0.5, "upper left"))),
}
"""By name: the kind of finding that is right (or several), and the fault."""

SUBTLE = ("copy", "brightness", "colour", "levels")
"""Kinds that are told by how much the teams differ, so that more studies are needed to know a rate."""


def _next(study: MadeUp, team: str, image: str) -> Pixels:
    names = list(study.inputs)
    return study.teams[team][names[(names.index(image) + 1) % len(names)]]


def _full_size(study: MadeUp, image: str) -> Pixels:
    return study.inputs[image]


def found_in(study: MadeUp, *, truths: bool = False) -> list[Finding]:
    """Return what is found in a made-up study."""
    evidence = Evidence()
    for image, source in study.inputs.items():
        candidates = {team: sketch(pixels[image]) for team, pixels in study.teams.items()}
        measured = measure(
            sketch(source),
            {team: one for team, one in candidates.items() if one is not None},
            sketch(study.truths[image]) if truths else None,
        )
        if measured is not None:
            evidence.take(image, measured)
    return findings(evidence)


def with_fault(study: MadeUp, fault: Fault, seed: int) -> MadeUp:
    """Return the study with the first team's candidates made faulty, all of them."""
    rng = np.random.default_rng(seed)
    team = min(study.teams)
    faulty = {image: fault(study, team, image, rng) for image in study.inputs}
    return replace(study, teams={**study.teams, team: faulty})


def detected(study: MadeUp, name: str, seed: int) -> tuple[bool, list[Finding]]:
    """Return whether a fault is found with the right team, and the findings about others."""
    kinds, fault = FAULTS[name]
    told = found_in(with_fault(study, fault, seed), truths="truth" in name)
    first, last = min(study.teams), max(study.teams)
    right = [
        one for one in told if one.kind in kinds.split("|") and (one.team == first or one.kind == "copy")
    ]
    others = [one for one in told if one.team != first and not (one.kind == "copy" and one.team == last)]
    return bool(right), others


def main(argv: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="bench_fairness", description=__doc__)
    parser.add_argument("--studies", type=int, default=25, help="of five teams and --images each")
    parser.add_argument("--first", type=int, default=0, help="number of the first honest study")
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--faulty", type=int, default=8, help="studies that each fault is put into")
    parser.add_argument("--subtle", type=int, default=8, help="the same for " + ", ".join(SUBTLE))
    parser.add_argument("--speed", type=int, default=2, help="images of 12 megapixels to check; 0 for none")
    options = parser.parse_args(argv)
    if options.speed:
        _print_speed(options.speed)
    if options.studies:
        _print_honest(options.first, options.studies, options.images)
    if options.faulty or options.subtle:
        _print_faults(options.faulty, options.subtle, options.images)


def _print_speed(images: int) -> None:
    """CPU seconds of images of 12 megapixels with twelve teams: `check` against decoding alone."""
    picture = photograph()
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen"
        seen.mkdir()
        tasks = [_together(Path(folder), image, picture, seen) for image in range(images)]
        files = [file.path for task in tasks for file in task.files]
        decoding = _cpu(lambda: [_decode(path) for path in files])[0]
        looking, found = _cpu(lambda: [look(task) for task in tasks])
        again = _cpu(lambda: [look(task) for task in tasks])[0]
        kept = sum(path.stat().st_size for path in seen.iterdir()) / len(files)
    fairness = Fairness()
    sent = [pickle.dumps(one) for one in found]

    def take() -> None:
        for task, one in zip(tasks, sent, strict=True):
            fairness.take(task, pickle.loads(one))

    taking = _cpu(take)[0]
    telling = _cpu(lambda: fairness.problems(Path()))[0]
    print(f"Speed: CPU seconds of {images} images of 12 megapixels, an input and 12 candidates each")
    print(f"  decoding alone {decoding:.1f}; looking and comparing, in the workers {looking:.1f}")
    print(f"  in the one process that collects: {taking:.2f} for the images, {telling:.2f} once")
    print(f"  ratio to decoding alone {(looking + taking + telling) / decoding:.2f} (goal: 2)")
    print(f"  a second time, from what was kept: {again:.1f} ({kept / 1e6:.2f} MB a file)", flush=True)
    every = 50 / images
    print(
        f"  50 images (extrapolated): {every * decoding:.0f} decoding, {every * looking:.0f} in the workers,"
    )
    print(f"  {every * taking + telling:.0f} in the collecting process, {every * again:.0f} a second time")


def _together(folder: Path, image: int, picture: Pixels, seen: Path) -> Together:
    files = []
    for number in range(13):
        path = folder / f"{image}-{number:02d}.png"
        rng = np.random.default_rng([image, number])
        changed = noisy(np.roll(picture, 500 * image, axis=1), 0.5 + number / 2, rng)
        Image.fromarray(changed).save(path, compress_level=1)
        files.append(ImageFile(path, path.name, Policy(picture.size), seen))
    candidates = {f"team{number:02d}": file for number, file in enumerate(files[1:], start=1)}
    return Together(f"{image:03d}", source=files[0], candidates=candidates)


def _decode(path: Path) -> None:
    with path.open("rb") as file:
        decode(file, Policy(10**9), extension=path.suffix)


def _cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    found = work()
    return time.process_time() - started, found


def _print_honest(first: int, studies: int, images: int) -> None:
    told: Counter[str] = Counter()
    for seed in range(first, first + studies):
        for one in found_in(made_up(seed, images=images), truths=True):
            told[one.kind] += 1
            print(f"  false alarm, study {seed}: {one.team}: {one.kind}: {one.what}")
    results = studies * images * 5
    print(f"Honest: {results} restorations in {studies} studies, {5 * studies} teams; false alarms by kind:")
    print(f"  {dict(told) or 'none'}")


def _print_faults(studies: int, subtle: int, images: int) -> None:
    print(f"Faults, each in studies of {images} images (overlays: 8 images)")
    for name, (kinds, _) in FAULTS.items():
        count = subtle if kinds in SUBTLE else studies
        rows = list(_tried([_made(seed, 8 if kinds == "overlay" else images) for seed in range(count)], name))
        if not rows:
            continue
        right = sum(found for found, _ in rows)
        others = sum(len(told) for _, told in rows)
        print(f"  {name:28} {kinds:18} found {right} of {len(rows)}   others accused {others}", flush=True)


@cache
def _made(seed: int, images: int) -> MadeUp:
    return made_up(1000 + seed, images=images)


def _tried(studies: list[MadeUp], name: str) -> Iterator[tuple[bool, list[Finding]]]:
    for seed, study in enumerate(studies):
        if (
            name.startswith("the input")
            and study.inputs[min(study.inputs)].shape != study.truths[min(study.inputs)].shape
        ):
            continue  # a small input cannot be handed in
        yield detected(study, name, seed)


if __name__ == "__main__":
    main()
