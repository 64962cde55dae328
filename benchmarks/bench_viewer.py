"""The viewer's speed in headless Chromium: `make bench-viewer`.

Twelve candidates of 3040x4032 pixels and their input, served from tile packs on localhost, window 1920x1080.
Requests and bytes are deterministic; times depend on the machine and on what else it does.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from studyapp.imaging.pack import write_pack
from studyapp.imaging.pack_index import Source
from studyapp.imaging.pack_reader import PackReader
from tests.browser.chromium import browsers, chromium, wait_complete
from tests.browser.harness import Harness, Trial

WIDTH, HEIGHT, CANDIDATES = 3040, 4032, 12
WINDOW = (1920, 1167)  # of which Chromium keeps 87 rows to itself: the page has 1920x1080
PAN_FRAMES = 150

COMPLETE = """
  const module = await import('/static/js/pages/trial.js');
  const { stage, views, selection } = module.page;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const complete = async () => { do await frame(); while (!stage.complete || stage.frame); };
  const transfers = () => {
    const tiles = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/t/'));
    const bytes = tiles.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
    return { requests: tiles.length, bytes };
  };
  // Reading a pixel back makes the canvas draw now: without it only the recording of the commands is timed.
  const readBack = ({ viewer }) => viewer.canvas.getContext('2d').getImageData(0, 0, 1, 1);
  const drawn = () => stage.visible.forEach(readBack);
  const timed = async (act) => {
    performance.clearResourceTimings();
    const start = performance.now();
    act();
    await complete();
    return { ms: performance.now() - start, ...transfers() };
  };
"""

# Each step is a JavaScript body after COMPLETE; it returns {ms, requests, bytes} or {values}.
FIRST_PAINT = "await complete(); return { ms: performance.now(), ...transfers() };"
FULL_SIZE = "return timed(() => stage.zoomTo(1));"
JUMP = "return timed(() => stage.goTo(600, 700));"
PAN = """
  const [intervals, work] = [[], []];
  let last = await frame();
  for (let index = 0; index < %d; index += 1) {
    stage.panBy(index < %d / 2 ? -3 : 3, 2 * Math.sin(index));
    const now = await frame();
    intervals.push(now - last);
    last = now;
  }
  for (let index = 0; index < 30; index += 1) {
    stage.panBy(-3, 2);
    const begun = performance.now();
    stage.drawNow();
    drawn();
    work.push(performance.now() - begun);
  }
  return { intervals, work };
""" % (PAN_FRAMES, PAN_FRAMES)  # noqa: UP031 (braces of JavaScript)
ZOOM = """
  const work = [];
  for (const scale of [2, 3, 4, 3, 2, 1, 2, 4, 2, 1]) {
    stage.zoomTo(scale);
    const begun = performance.now();
    stage.drawNow();
    drawn();
    work.push(performance.now() - begun);
    await complete();
  }
  return { work };
"""
BLINK = """
  views.enter('blink');
  await complete();
  const needed = () => stage.background([]).every((url) => stage.cache.has(url));
  const start = performance.now();
  await new Promise((done) => setTimeout(done, 200)); // loading ahead begins once the view stands still
  while (!needed()) await frame();
  const ready = performance.now() - start;
  const work = [];
  for (let round = 0; round < 3; round += 1) {
    for (const slot of selection.slots) {
      const begun = performance.now();
      selection.choose(slot);
      drawn();
      work.push(performance.now() - begun);
      await frame();
    }
  }
  return { ready, work, cached: stage.cache.bytes, ...transfers() };
"""
NEXT = """
  views.enter('grid');
  stage.fit();
  await complete();
  for (let waited = 0; waited < 200 && stage.cache.loading.size; waited += 1) await frame();
  await new Promise((done) => setTimeout(done, 1500));
  for (const slot of [1, 2, 3]) views.press(slot);
  await frame();
  return timed(() => document.querySelector('[data-command=next]').click());
"""


class PackTiles:
    """A pack as the harness wants it."""

    def __init__(self, path: Path) -> None:
        self.reader = PackReader(path)
        self.sizes = [list(size) for size in self.reader.levels]

    def tile(self, level: int, column: int, row: int) -> bytes | None:
        return self.reader.tile(level, column, row)


def make_packs(folder: Path) -> None:
    """Write the packs of the input and of twelve candidates: the same large shapes, noise of its own."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    base = 128 + 60 * np.sin(x / 57 + y / 211) + 50 * np.cos(y / 43)
    for slot in range(CANDIDATES + 1):
        path = folder / f"{slot}.pack"
        if (folder / f"{slot}.pack.json").exists():
            continue
        noise = rng.standard_normal((HEIGHT, WIDTH, 3), dtype=np.float32) * 2
        noise += rng.standard_normal((HEIGHT, WIDTH, 1), dtype=np.float32) * 5
        pixels = np.clip(base[..., None] + noise, 0, 255).astype(np.uint8)
        write_pack(pixels, path, source=Source(sha256="0" * 64, size=1, mtime_ns=1))
        print(f"pack {slot}: {path.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


def _serve(folder: Path, link: Connection) -> None:
    packs = [PackTiles(folder / f"{slot}.pack") for slot in range(CANDIDATES + 1)]
    trials = [Trial(packs[0], packs[1:]), Trial(packs[1], [*packs[2:], packs[0]])]
    with Harness(trials) as harness:
        link.send(harness.url)
        link.recv()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a harness in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(folder, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("stop")
        process.join(10)


def renderer_megabytes(page: Page) -> float:
    """Resident memory of the largest renderer process."""
    cdp = page.context.browser.new_browser_cdp_session()
    processes = cdp.send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [process["id"] for process in processes if process["type"] == "renderer"]
    return max(_resident(process) for process in renderers)


def _resident(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(folder: Path) -> dict[str, Any]:
    """One run through the steps in a fresh profile, and the first image alone in another."""
    with served(folder) as url, browsers():
        with chromium(1, *WINDOW) as page:
            page.goto(f"{url}/judge/conditions")
            page.wait_for_load_state("networkidle")  # what the trial page is made of is here now
            page.goto(f"{url}/judge/trial/t0")
            after_check = _step(page, FIRST_PAINT)
        result = _walk(url)
    return {"after_check": after_check, **result}


def _step(page: Page, body: str) -> Any:
    return page.evaluate(f"async () => {{ {COMPLETE} {body} }}")


def _walk(url: str) -> dict[str, Any]:
    """Return what each step took, of somebody whose browser has kept nothing."""
    with chromium(1, *WINDOW) as page:
        page.goto(f"{url}/judge/trial/t0")
        step = partial(_step, page)
        result: dict[str, Any] = {
            "first": step(FIRST_PAINT),
            "window": page.evaluate("[innerWidth, innerHeight]"),
        }
        wait_complete(page)
        page.wait_for_timeout(1500)
        result["full"] = step(FULL_SIZE)
        result["jump"] = step(JUMP)
        result["pan"] = step(PAN)
        result["zoom"] = step(ZOOM)
        result["memory_grid"] = renderer_megabytes(page)
        result["blink"] = step(BLINK)
        result["memory_blink"] = renderer_megabytes(page)
        result["next"] = step(NEXT)
    return result


def table(runs: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Rows of the table: what, measured (median of the runs), goal."""

    def median(path: str, key: str) -> float:
        return statistics.median(run[path][key] for run in runs)

    def middle(path: str, key: str) -> float:
        return statistics.median(value for run in runs for value in run[path][key])

    def worst(path: str, key: str, share: float = 0.95) -> float:
        return float(np.quantile([value for run in runs for value in run[path][key]], share))

    def spread(path: str, key: str) -> str:
        return f"{middle(path, key):.1f} ms, p95 {worst(path, key):.1f}"

    def transfer(path: str) -> str:
        return f"{median(path, 'requests'):.0f} requests, {median(path, 'bytes') / 1e6:.1f} MB"

    memory = [statistics.median(run[key] for run in runs) for key in ("memory_grid", "memory_blink")]
    return [
        (
            "first image painted, after the check page",
            f"{median('after_check', 'ms'):.0f} ms, {transfer('after_check')}",
            "under 1000 ms",
        ),
        (
            "the same, nothing kept in the browser",
            f"{median('first', 'ms'):.0f} ms, {transfer('first')}",
            "under 1000 ms",
        ),
        (
            "100 % view complete",
            f"{median('full', 'ms'):.0f} ms, {transfer('full')}",
            "72 to 108 requests, 6 to 10 MB",
        ),
        ("jump to another spot", f"{median('jump', 'ms'):.0f} ms, {transfer('jump')}", "as above"),
        ("pan frame", spread("pan", "intervals"), "under 17 ms at the median"),
        ("pan frame, drawing alone", spread("pan", "work"), "none set"),
        ("zoom step, drawing alone", spread("zoom", "work"), "none set"),
        ("blink, all 12 ready", f"{median('blink', 'ready'):.0f} ms", "none set"),
        ("blink, switch", spread("blink", "work"), "under 4 ms"),
        ("renderer, grid", f"{memory[0]:.0f} MB", "under 900 MB"),
        ("renderer, grid and blink", f"{memory[1]:.0f} MB", "under 900 MB"),
        ("decoded tiles held in blink", f"{median('blink', 'cached') / 1e6:.0f} MB", "none set"),
        ("next image on the screen", f"{median('next', 'ms'):.0f} ms, {transfer('next')}", "under 300 ms"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--packs", type=Path, help="keep the packs in this folder for the next time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.packs or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        make_packs(folder)
        runs = [measure(folder) for _ in range(options.runs)]
    if options.json:
        print(json.dumps(runs))
        return
    print(
        f"{CANDIDATES} candidates of {WIDTH}x{HEIGHT}, page {runs[0]['window']}, {len(runs)} runs, medians\n"
    )
    print("| what | measured | goal |\n|---|---|---|")
    for row in table(runs):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
