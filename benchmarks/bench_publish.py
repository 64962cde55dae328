"""Publishing: tiles written as files against a plain copy of them, and the estimate of 650 pictures.

The copy is `shutil.copyfile` of each file into folders of the same names, taken in turn with the writing.
Nothing of 50 images of 12 teams is tiled: their packs' indexes are those of one real picture, in 650 files.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analysis.imaging import Policy
from benchmarks.bench_tiling import HEIGHT, WIDTH, make_photograph
from studyapp.imaging.ingest import ImageFile, TileTask, make_pack
from studyapp.imaging.pack_index import PackIndex, index_path, read_index
from studyapp.services.ground.workspace import Workspace
from studyapp.services.publishing.contents import Scene, Shown
from studyapp.services.publishing.crops import crops, parts_of
from studyapp.services.publishing.estimate import estimate
from studyapp.services.publishing.folder import PublishedFolder, publishing
from studyapp.services.publishing.settings import Choice
from studyapp.settings import Folders
from studyapp.study.study_file import StudyFile, Team

IMAGES, TEAMS = 50, 12
REGIONS = [
    {"name": str(number), "x": 700 * number, "y": 500 * number, "width": 400, "height": 300}
    for number in (1, 2, 3)
]


def main(argv: list[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="bench_publish", description=__doc__)
    parser.add_argument("--pictures", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        root = Path(scratch)
        source, pack = root / "photo.png", root / "a.pack"
        make_photograph(source)
        image = ImageFile(source, source.name, Policy(WIDTH * HEIGHT))
        make_pack(TileTask(image, pack, (WIDTH, HEIGHT)))
        _writing(root, pack, options.pictures, options.runs)
        _estimating(root, pack)
        _cutting(pack)


def _writing(root: Path, pack: Path, pictures: int, runs: int) -> None:
    """Tiles of so many pictures, as often as said; the first of each is thrown away."""
    out, copy = root / "site", root / "copy"
    ours, plain = [], []
    files: list[Path] = []
    sizes: list[int] = []
    for _ in range(runs + 1):
        shutil.rmtree(out, ignore_errors=True)
        with publishing(out) as folder:
            ours.append(_timed(lambda folder=folder: _write(folder, pack, pictures)))
        files = [path for path in out.rglob("*.webp") if path.is_file()]
        sizes = [path.stat().st_size for path in files]
        shutil.rmtree(copy, ignore_errors=True)
        plain.append(_timed(lambda files=files: _copy(files, out, copy)))
    print(f"{len(files):,} tiles, {sum(sizes) / 1e6:.0f} MB       files/s   MB/s   CPU s")
    for name, runs_of in (("as a site", ours), ("plain copy", plain)):
        middle, cpu = (statistics.median(run[at] for run in runs_of[1:]) for at in (0, 1))
        print(f"{name:28}{len(files) / middle:9,.0f}{sum(sizes) / middle / 1e6:7,.0f}{cpu:8.2f}")
    for at, what in enumerate(("time", "CPU")):
        ratios = [one[at] / other[at] for one, other in zip(ours[1:], plain[1:], strict=True)]
        print(f"{what}, a site against a copy: {statistics.median(ratios):.2f}")


def _write(folder: PublishedFolder, pack: Path, pictures: int) -> None:
    for number in range(pictures):
        folder.tiles(f"tiles/{number}/1", pack)


def _copy(files: list[Path], out: Path, copy: Path) -> None:
    made = set[Path]()
    for path in files:
        target = copy / path.relative_to(out)
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        shutil.copyfile(path, target)


def _estimating(root: Path, pack: Path) -> None:
    """Read 650 indexes and add up."""
    text = index_path(pack).read_text(encoding="utf-8")
    packs = [root / f"{number}.pack" for number in range(IMAGES * (TEAMS + 1))]
    for one in packs:
        index_path(one).write_text(text, encoding="utf-8")
    teams = tuple(Team(id=f"t{number}", name=f"T{number}") for number in range(TEAMS))
    workspace = Workspace(Folders(root), StudyFile(title="Fifty images", teams=teams))
    for form in ("full", "crops"):
        found = None

        def counted(form: str = form) -> None:
            nonlocal found
            scenes = _scenes([(one, read_index(one)) for one in packs])
            regions = {scene.name: REGIONS for scene in scenes}
            found = estimate(scenes, workspace, root, Choice(form=form), regions, {})  # pyright: ignore

        seconds, _ = _timed(counted)
        print(
            f"{IMAGES} images, {TEAMS} teams, {form}: {found and found.words()}; estimated in {seconds:.2f} s"
        )


def _cutting(pack: Path) -> None:
    """What the parts of a picture really take."""
    index = read_index(pack)
    scene = _scenes([(pack, index)] * (TEAMS + 1))[0]
    own = parts_of(scene, REGIONS, []).of[scene.candidates[0].place]
    made: list[int] = []
    seconds, _ = _timed(lambda: made.extend(len(data) for _, data in crops(scene.candidates[0], own)))
    whole = sum(made) * IMAGES * (TEAMS + 1) / 1e6
    print(f"crops of a picture: {json.dumps(made)} bytes, so {whole:.0f} MB of 650")
    print(f"{len(made) / seconds:.0f} crops a second")


def _scenes(packs: list[tuple[Path, PackIndex]]) -> tuple[Scene, ...]:
    first = Shown("", None, "", packs[0][0], packs[0][0], "", packs[0][1])
    scenes = []
    for number in range(len(packs) // (TEAMS + 1)):
        own = packs[number * (TEAMS + 1) :][: TEAMS + 1]
        shown = [
            replace(first, place=f"{number}/{at}", team=f"t{at}" if at else None, pack=pack, index=index)
            for at, (pack, index) in enumerate(own)
        ]
        scenes.append(Scene(number, str(number), WIDTH, HEIGHT, shown[0], None, tuple(shown[1:])))
    return tuple(scenes)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and CPU seconds of user and system."""
    if hasattr(os, "sync"):
        os.sync()  # what was written before is not paid for here
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


if __name__ == "__main__":
    main()
