"""How long an organiser waits for a page of the console: studies of usual size, and a thousand judges.

Pages are made in this process, by the application itself; what the network adds is not ours. Run it with
``python -m benchmarks console``; inviting a thousand judges takes longest.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks import served_study
from studyapp.app import create_app
from studyapp.services.ground.site import open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import sign_in_links

STUDIES = (
    ("50 images, 12 teams, 20 judges", {"images": 50, "teams": 12, "judges": 20}, 300),
    ("50 images, 3 teams, 1,000 judges", {"images": 50, "teams": 3, "judges": 1000}, 1000),
)
"""What is looked at, and the milliseconds that a page may take."""
PAGES = (
    ("overview", "/console"),
    ("judges", "/console/judges"),
    ("one judge", "/console/judges/1"),
    ("invite", "/console/invite"),
    ("reminders", "/console/mail/reminder"),
    ("rehearsal", "/console/rehearsal"),
    ("live", "/console/live"),
    ("live, by warnings", "/console/live?sort=-warnings"),
    ("rules", "/console/rules"),
    ("images", "/console/images"),
    ("teams", "/console/teams"),
    ("actions", "/console/actions"),
    ("jobs", "/console/jobs"),
)
ANSWERED = 0.6


def main(arguments: list[str]) -> None:
    """Print the median of each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=5, help="how often each page is asked for")
    parser.add_argument("--small", action="store_true", help="only the study of usual size")
    options = parser.parse_args(arguments)
    os.environ.pop("STUDYAPP_DATABASE_URL", None)
    served_study.SIZE = (64, 48)
    for title, size, goal in STUDIES[: 1 if options.small else None]:
        with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
            root = Path(folder) / "study"
            served_study.TEAMS = size["teams"]
            served_study.make_study(root, judges=size["judges"], images=size["images"])
            count, token = _answer(root)
            print(f"\n{title}, {count:,} answers; goal {goal} ms for each page")
            _time(root, token, options.looks, goal)


def _answer(root: Path) -> tuple[int, str]:
    """Enter answers at once, as the chains do not matter here; return how many, and an organiser's token."""
    workspace = open_workspace(root)
    now = datetime.now(UTC)
    with workspace.database.writing() as session:
        trials = session.execute(text("SELECT id, judge_id, position FROM trial WHERE kind = 'main'")).all()
        rows = [
            {
                "trial": trial,
                "judge": judge,
                "place": position,
                "key": f"key-{trial}",
                "complete": (trial + judge) % 11 != 0,
                "at": (now - timedelta(minutes=(60 - position) * 7)).isoformat(timespec="milliseconds")[:23]
                + "Z",
                "hash": f"hash-{trial}",
            }
            for trial, judge, position in trials
            if (judge * 7 + position * 3) % 10 < 10 * ANSWERED
        ]
        session.execute(
            text(
                "INSERT INTO ballot_event (trial_id, judge_id, revision, judge_sequence, key, complete, body,"
                " saved_at, previous_hash, hash) VALUES (:trial, :judge, 1, :place, :key, :complete, '{}',"
                " :at, '', :hash)"
            ),
            rows,
        )
    workspace.database.close()
    with closing(open_site(workspace.folders.root)) as site, site.database.writing() as session:
        token = sign_in_links.owner_link(session, now=now)
    return len(rows), token


def _time(root: Path, token: str, looks: int, goal: int) -> None:
    app = create_app(root)
    organiser = app.test_client()
    organiser.get(f"/o/{token}")
    for name, path in PAGES:
        times, busy = [], []
        for _ in range(looks + 1):
            begun, worked = time.perf_counter(), time.process_time()
            answer = organiser.get(path)
            size = len(answer.get_data())
            times.append((time.perf_counter() - begun) * 1000)
            busy.append((time.process_time() - worked) * 1000)
            if answer.status_code != 200:
                print(f"{name:20} answered {answer.status_code}")
                break
        else:
            median = statistics.median(times[1:])
            verdict = "" if median <= goal else "  MISSED"
            print(
                f"{name:20}{median:8.0f} ms {size / 1000:8.0f} kB   "
                f"(first {times[0]:.0f} ms, processor {statistics.median(busy[1:]):.0f} ms){verdict}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
