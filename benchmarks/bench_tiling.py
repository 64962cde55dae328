"""Tiling a 12-megapixel photograph: CPU against the bare WebP encode of the same pixels, bytes, peak memory.

Each run is a process of its own; what is printed is the median over the runs. CPU seconds are those of user
and system together, as the kernel counts them, so that other work on the machine disturbs them little.
Both sides are measured for the first image of a process and for the second: the bare encode of a whole image
asks the system for so much memory that its time depends on whether the process has had it before.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from analysis.imaging import Policy

WIDTH, HEIGHT = 4032, 3024
GOAL_RATIO, GOAL_MEMORY = 1.25, 250


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_tiling", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photo.png"
        _in_a_process("make", source)
        # In turn, so that a change of the machine's speed meets both.
        runs = [_in_a_process("tile", source) | _in_a_process("parts", source) for _ in range(options.runs)]
        seen = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        _print(seen, source.stat().st_size, options.runs)


def make_photograph(path: Path) -> dict[str, float]:
    """Save the picture that is tiled."""
    Image.fromarray(photograph()).save(path)
    return {}


def photograph() -> np.ndarray:
    """A 12-megapixel picture: scikit-image's photographs, enlarged, side by side, with mild sensor noise."""
    from skimage import data

    photos = [
        data.astronaut(),
        data.chelsea(),
        data.coffee(),
        data.rocket(),
        data.cat(),
        data.immunohistochemistry(),
    ]
    across, down = WIDTH // 3, HEIGHT // 2
    canvas = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    for place, photo in enumerate(photos):
        top, left = place // 3 * down, place % 3 * across
        enlarged = Image.fromarray(photo).resize((across, down), Image.Resampling.BICUBIC)
        canvas[top : top + down, left : left + across] = np.asarray(enlarged)
    noise = np.random.default_rng(0).normal(0, 3, canvas.shape)
    return np.clip(np.rint(canvas + noise), 0, 255).astype(np.uint8)


def measure_tiling(source: Path) -> dict[str, float]:
    """What one worker does with one image, from file to pack on disk; and what looking at it costs."""
    from studyapp.imaging.ingest import ImageFile, TileTask, inspect, make_pack

    image = ImageFile(source, source.name, Policy(WIDTH * HEIGHT))
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        task = TileTask(image, Path(folder) / "a.pack", (WIDTH, HEIGHT))
        tiling, index = _cpu(lambda: make_pack(task))
        memory = _peak_memory()
        again = _cpu(lambda: make_pack(task))[0]
    looking = _cpu(lambda: inspect(image))[0]
    return {"tiling": tiling, "tiling_again": again, "pack": index.size, "memory": memory, "check": looking}


def measure_parts(source: Path) -> dict[str, float]:
    """The bare encodes to compare with, and what decoding the source by Pillow alone costs."""
    from studyapp.core.tiles import Pyramid
    from studyapp.imaging.pack import halve

    bare, system = _system(lambda: _encode(Image.open(source).convert("RGB")))
    bare_again, system_again = _system(lambda: _encode(Image.open(source).convert("RGB")))
    decoding, image = _cpu(lambda: Image.open(source).convert("RGB"))
    pyramid = Pyramid(*image.size)
    levels = [image]
    while len(levels) < len(pyramid.sizes):
        levels.append(halve(levels[-1]))
    tiles = [
        level.crop((box.left, box.top, box.left + box.width, box.top + box.height))
        for number, level in enumerate(reversed(levels))
        for box in pyramid.boxes(number)
    ]
    return {
        "bare": bare,
        "bare_system": system,
        "bare_again": bare_again,
        "bare_again_system": system_again,
        "decoding": decoding,
        "whole": _cpu(lambda: _encode(image))[0],
        "levels": _cpu(lambda: [_encode(level) for level in levels])[0],
        "tiles": _cpu(lambda: [_encode(tile) for tile in tiles])[0],
    }


_STEPS = {"make": make_photograph, "tile": measure_tiling, "parts": measure_parts}


def _encode(image: Image.Image) -> int:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=True, method=0, quality=0)
    return len(buffer.getvalue())


def _cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of user and system, and the result."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def _system(work: Callable[[], Any]) -> tuple[float, float]:
    """CPU seconds, and how many of them were the system's: finding memory, mostly."""
    before = os.times()
    work()
    after = os.times()
    system = after.system - before.system
    return after.user - before.user + system, system


def _peak_memory() -> float:
    """MB at the most. Not ru_maxrss: a new process inherits that from the one that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def _in_a_process(step: str, source: Path) -> dict[str, float]:
    code = f"from benchmarks import bench_tiling as b; b.print_step({step!r}, {str(source)!r})"
    answer = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(answer.stdout)


def print_step(step: str, source: str) -> None:
    """Do one step of the measurement in this process and print its figures as JSON."""
    print(json.dumps(_STEPS[step](Path(source))))


def _print(seen: dict[str, float], source_bytes: int, runs: int) -> None:
    tiling, decoding = seen["tiling"], seen["decoding"]
    pixels_only = tiling - decoding
    whole_job = [
        ("the same PNG decoded and encoded as one bare WebP, full size only", seen["bare"]),
        ("the same, and each coarser level as one WebP", decoding + seen["levels"]),
        ("one bare WebP encode of each level, without any decoding", seen["levels"]),
    ]
    from_pixels = [
        ("one bare WebP encode, full size only", seen["whole"]),
        ("one bare WebP encode of each level", seen["levels"]),
        ("bare WebP encodes of all tiles", seen["tiles"]),
    ]
    print(f"Tiling a {WIDTH}x{HEIGHT} photograph ({source_bytes / 1e6:.1f} MB PNG), medians of {runs} runs")
    print(f"  file to pack: decode, hash, levels, encode, verify, write, fsync  {tiling:6.2f} CPU s")
    for name, seconds in whole_job:
        print(f"    against {name:<62} {seconds:5.2f} CPU s  ratio {tiling / seconds:.2f}")
    bare, again = seen["bare_again"], seen["tiling_again"]
    print(f"  the second image of a process {again:.2f}, its bare WebP {bare:.2f}: ratio {again / bare:.2f}")
    first, second = seen["bare_system"], seen["bare_again_system"]
    print(f"  of the bare WebPs the system's share was {first:.2f} and {second:.2f} CPU s")
    print(f"  pixels to pack: the same without Pillow's decoding of the PNG     {pixels_only:6.2f} CPU s")
    for name, seconds in from_pixels:
        print(f"    against {name:<62} {seconds:5.2f} CPU s  ratio {pixels_only / seconds:.2f}")
    print(f"  goal: ratio at most {GOAL_RATIO}")
    print(f"  looking at the file first, as `check` does                        {seen['check']:6.2f} CPU s")
    print(f"  pack {seen['pack'] / 1e6:.1f} MB, {seen['pack'] / source_bytes:.2f} x the source PNG")
    print(f"  peak memory of the process that tiled {seen['memory']:.0f} MB (goal: under {GOAL_MEMORY})")


if __name__ == "__main__":
    main()
