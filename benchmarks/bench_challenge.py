"""The online phase: from upload to score, a leaderboard of 10,000 submissions, what the queue takes.

With an empty queue: `studyapp submit` against the real server, beside `studyapp score` on the same files,
new ones each round, so that nothing was measured before; rounds alternate, medians are printed. `--long` lets
30 teams hand in 15 times 100 pairs of 1 MP, which takes hours; without it the queue gets a few.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image
from sqlmodel import select

from benchmarks.served_study import children
from studyapp.app import create_app
from studyapp.client.server import Server
from studyapp.client.submitting import Submit, submit
from studyapp.db.site_tables import Submission
from studyapp.db.tables import utc_text
from studyapp.sample.serving import serving
from studyapp.services.challenge import teams, tokens
from studyapp.services.challenge.leaderboard import leaderboard
from studyapp.services.ground.site import Site, open_site
from studyapp.services.people import accounts

GOAL_PAGE_MS = 200
SUBMISSIONS, TEAMS = 10_000, 30
FORMULA = "20*psnr/50 + 15*(ssim-0.5)/0.5"
STUDY = f"""\
title: Benchmark
seed: 1
teams:
  - {{id: t1, name: t1}}
rules:
  s2: {{per: image, score: "{FORMULA}"}}
"""
README = "runtime per image [s] : 0.3\nCPU[1] / GPU[0] : 0\nExtra Data [1] / No Extra Data [0] : 0\n"
SIDE = 1000
TRACK, PHASE = "bench", "feedback"
SITE = f"""\
challenge:
  tracks:
    {TRACK}:
      phases:
        {PHASE}: {{title: Feedback, opens: 2026-01-01T00:00:00Z, closes: 2100-01-01T00:00:00Z, daily: 1000}}
"""


def main(arguments: list[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="bench_challenge", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10, help="of 1 MP, in a submission of the first part")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queue", default="4x2x10", help="teams x submissions x pairs through the queue")
    parser.add_argument("--long", action="store_true", help="30x15x100 through the queue, for hours")
    options = parser.parse_args(arguments)
    os.environ.pop("STUDYAPP_DATABASE_URL", None)
    with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
        os.environ["XDG_STATE_HOME"] = folder
        _board(Path(folder) / "board")
        _latency(Path(folder) / "latency", options.pairs, options.rounds)
        count, each, pairs = map(int, ("30x15x100" if options.long else options.queue).split("x"))
        _throughput(Path(folder) / "queue", count, each, pairs)


def _latency(root: Path, pairs: int, rounds: int) -> None:
    with _site(root, pairs) as site:
        token = _team(site, 1)
        handed, scored = [], []
        with serving(root, workers=1) as running:
            server = Server(f"{running.url}/challenge", token)
            for number in range(rounds):
                folder = root / "handed-in" / str(number)
                _results(folder, pairs, number)
                began, busy = time.perf_counter(), _of_tree(running.process.pid) + time.process_time()
                found = submit(server, Submit(folder, check=False))
                used = _of_tree(running.process.pid) + time.process_time() - busy
                handed.append((time.perf_counter() - began, used))
                seconds, score = _by_command(root / "by-command" / str(number), site, folder)
                scored.append(seconds)
                assert found["score"] == score, (found, score)
    print(f"{pairs} pairs of 1 MP, empty queue, medians of {rounds}, scores the same to the last digit")
    for place, what in enumerate(("by the clock", "of processors")):
        mine = statistics.median(one[place] for one in handed)
        theirs = statistics.median(one[place] for one in scored)
        print(
            f"  {what:14} upload to score {mine:6.2f} s, studyapp score {theirs:6.2f} s: {mine / theirs:.2f}"
        )


def _by_command(root: Path, site: Site, images: Path) -> tuple[tuple[float, float], float]:
    """Time `studyapp score` on the same files; return seconds, those of processors, and the score."""
    target = root / "paired" / "teams" / "t1"
    target.mkdir(parents=True)
    (root / "study.yaml").write_text(STUDY, encoding="utf-8")
    for folder in ("gt", "input"):
        (root / "paired" / folder).mkdir()
        for path in (site.study_root(TRACK) / "paired" / folder).iterdir():
            os.link(path, root / "paired" / folder / path.name)
    for path in images.glob("*.png"):
        os.link(path, target / path.name)
    began, busy = time.perf_counter(), _of_children()
    done = subprocess.run(
        [sys.executable, "-m", "studyapp.cli", "score", str(root), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - began, _of_children() - busy
    return seconds, json.loads(done.stdout)["means"][0]["score"]


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _of_tree(pid: int) -> float:
    """Return the processor's seconds of a process, of those it started, and of those that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(_of_tree, children(pid)))


def _throughput(root: Path, count: int, each: int, pairs: int) -> None:
    with _site(root, pairs) as site:
        people = [_team(site, number) for number in range(1, count + 1)]
        with serving(root, workers=1) as running:
            began = time.perf_counter()
            for place in range(each):
                for number, token in enumerate(people):
                    folder = root / "handed-in" / f"{number}-{place}"
                    _results(folder, pairs, 1000 * number + place)
                    server = Server(f"{running.url}/challenge", token)
                    submit(server, Submit(folder, check=False, wait=False))
                    for path in folder.iterdir():
                        path.unlink()
            sent = time.perf_counter() - began
            while (done := _done(site)) < count * each:
                time.sleep(0.2)
            seconds = time.perf_counter() - began
            used = _of_tree(running.process.pid)
    rate, cores = done * pairs / seconds, os.cpu_count() or 1
    print(f"\n{count} teams x {each} submissions x {pairs} pairs of 1 MP, {cores} cores, one queue")
    print(
        f"  all made and uploaded after {sent:.0f} s, all scored after {seconds:.0f} s, while uploads go on"
    )
    alone = 45_000 * used / (done * pairs) / cores / 3600
    print(f"  {rate:.1f} pairs/s; of the server's processors {used / done / pairs:.2f} s a pair")
    print(f"  30 x 15 x 100 pairs take {45_000 / rate / 3600:.1f} h at this rate, {alone:.1f} h if idle")


def _done(site: Site) -> int:
    with site.database.reading() as session:
        states = session.exec(select(Submission.state)).all()
    assert "failed" not in states
    return states.count("done")


def _board(root: Path) -> None:
    with _site(root, 1) as site:
        for number in range(1, TEAMS + 1):
            _team(site, number)
        _fill(site)
        times, busy = [], []
        for _ in range(7):
            began, worked = time.perf_counter(), time.process_time()
            with site.database.reading() as session:
                board = leaderboard(session, site, TRACK, PHASE, datetime.now(UTC))
            times.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - worked) * 1000)
        assert len(board.ranked) == TEAMS
    print(
        f"leaderboard, {SUBMISSIONS:,} submissions of {TEAMS} teams with 100 images; goal {GOAL_PAGE_MS} ms"
    )
    print(f"  the table alone {_told(times, busy)}")
    app = create_app(root)
    with closing(app.extensions["studyapp"]):
        stranger, times, busy = app.test_client(), [], []
        for _ in range(7):
            began, worked = time.perf_counter(), time.process_time()
            answer = stranger.get(f"/challenge/tracks/{TRACK}/{PHASE}/board")
            times.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - worked) * 1000)
            assert answer.status_code == 200, answer.status
    verdict = "met" if _median(times) <= GOAL_PAGE_MS else "MISSED"
    print(f"  the page        {_told(times, busy)}: {verdict}\n")


def _told(times: list[float], busy: list[float]) -> str:
    return f"{_median(times):6.0f} ms (first {times[0]:.0f}, processor {_median(busy):.0f})"


def _median(values: list[float]) -> float:
    """Of all but the first, which warms up."""
    return statistics.median(values[1:])


def _fill(site: Site) -> None:
    """Enter scored submissions at once."""
    rng, now = random.Random(1), datetime.now(UTC)
    names = [f"{image:03}" for image in range(100)]
    with site.database.writing() as session:
        for number in range(SUBMISSIONS):
            team = number % TEAMS
            scores = [rng.gauss(20 + team / 10, 2) for _ in names]
            result = {
                "means": {"psnr": 30 + team / 10, "ssim": 0.9},
                "images": len(names),
                "names": names,
                "image_scores": scores,
                "missing": [],
                "formula": f"{FORMULA}; for each image, then the mean",
                "definitions": {},
            }
            session.add(
                Submission(
                    team_id=team + 1,
                    track=TRACK,
                    phase=PHASE,
                    number=number // TEAMS + 1,
                    name="results.zip",
                    size=1,
                    sha256="0" * 64,
                    sent_by=1,
                    arrived_at=utc_text(now - timedelta(seconds=SUBMISSIONS - number)),
                    state="done",
                    score=statistics.fmean(scores),
                    result=json.dumps(result),
                    readme='{"runtime": 0.3}',
                )
            )


@contextmanager
def _site(root: Path, pairs: int) -> Iterator[Site]:
    study = root / "studies" / TRACK
    (study / "input").mkdir(parents=True)
    (root / "site.yaml").write_text(SITE, encoding="utf-8")
    (study / "study.yaml").write_text(STUDY, encoding="utf-8")
    for image in range(pairs):
        for folder in ("gt", "input"):
            _save(_scene(image), study / "paired" / folder / f"{image:03}.png")
    with closing(open_site(root)) as site:
        yield site


def _team(site: Site, number: int) -> str:
    """Enter a team of one; return a token of theirs."""
    now = datetime.now(UTC)
    with site.database.writing() as session:
        account = accounts.make(session, f"Leader {number}", now=now).id or 0
        teams.register(session, account, f"Team {number}", tracks=(TRACK,), approved=True, now=now)
        return tokens.make(session, account, "benchmark", now)


def _results(folder: Path, pairs: int, seed: int) -> None:
    """Write a submission: blocks of each image a little off, in a way of their own."""
    rng = np.random.default_rng(seed)
    for image in range(pairs):
        blocks = rng.integers(-6, 7, (SIDE // 20, SIDE // 20, 3)).repeat(20, axis=0).repeat(20, axis=1)
        _save(np.clip(_scene(image) + blocks, 0, 255), folder / f"{image:03}.png")
    (folder / "readme.txt").write_text(README, encoding="utf-8")


def _scene(image: int) -> np.ndarray:
    """Return a picture of 1 MP that packs well: 450 submissions of 100 have to fit on a disk."""
    rng = np.random.default_rng(10**6 + image)
    return rng.integers(20, 235, (SIDE // 10, SIDE // 10, 3)).repeat(10, axis=0).repeat(10, axis=1)


def _save(pixels: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path, compress_level=1)


if __name__ == "__main__":
    main()
