"""An upload of 2 GB over a line that is cut three times: speed, and the server's memory."""

import argparse
import hashlib
import os
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.served_study import children, make_study
from benchmarks.uploading import Line, Pieces, Sender
from studyapp.sample.serving import serving

GOAL_MB = 200  # of memory, of all processes, above what they have before


def main(argv: list[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="bench_uploads", description=__doc__)
    parser.add_argument("--size", type=float, default=2_000, help="in MB")
    size = int(parser.parse_args(argv).size * 1e6)
    pieces = Pieces(os.urandom((1 << 20) + 7), size)
    with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
        root = Path(folder) / "study"
        make_study(root, judges=1, images=2)
        with serving(root, workers=1) as running:
            organiser = Sender.organiser(running.url, running.organiser)
            port = int(running.url.rpartition(":")[2])
            processes = (running.process.pid, *children(running.process.pid))
            before = sum(map(_resident, processes))
            for name, cuts in (("straight", []), ("cut three times", [size // 7, size // 3, size // 4])):
                began = time.perf_counter()
                with closing(Line(port, cuts)) as line:
                    path = organiser.create("team01.zip", size)
                    tries = organiser.send(path, size, pieces, port=line.port)
                seconds = time.perf_counter() - began
                arrived = root / "var" / "uploads" / path.rpartition("/")[2]
                assert _sha256([arrived]) == _sha256(pieces.after(0)), "the file is not what was sent"
                arrived.unlink()
                print(f"{name:16} {size / 1e6 / seconds:7.0f} MB/s in {tries} requests, the file is whole")
            grown = (sum(map(_resident, processes)) - before) / 1e6
    met = "met" if grown < GOAL_MB else "missed"
    print(f"memory: at most {grown:.0f} MB more than before; goal: under {GOAL_MB} MB ({met})")


def _resident(pid: int) -> int:
    """Return the most memory a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _sha256(parts) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes):
            digest.update(part)
        else:
            with part.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    return digest.hexdigest()


if __name__ == "__main__":
    main()
