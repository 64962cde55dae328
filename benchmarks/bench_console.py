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

import numpy as np
from sqlalchemy import text

from benchmarks import served_study
from studyapp.app import create_app
from studyapp.services.ground import studies
from studyapp.services.ground.site import open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import sign_in_links
from studyapp.services.voting.ballots import Cast, save_ballots

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
RESULTS = (
    ("ranking", "/console/ranking"),
    ("one team", "/console/ranking/team01"),
    ("reasons", "/console/reasons"),
    ("ballots", "/console/ballots"),
    ("ballots of one", "/console/ballots?judge=judge03&team=team02"),
    ("looking", "/console/looking"),
    ("report and files", "/console/report"),
    ("proof", "/console/proof"),
)
"""Pages of a closed study; the first look at the ranking computes it."""
ANSWERED = 0.6


def main(arguments: list[str]) -> None:
    """Print the median of each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", type=int, default=5, help="how often each page is asked for")
    parser.add_argument("--small", action="store_true", help="only the study of usual size")
    parser.add_argument("--results", action="store_true", help="only the results of a closed study")
    options = parser.parse_args(arguments)
    os.environ.pop("STUDYAPP_DATABASE_URL", None)
    served_study.SIZE = (64, 48)
    for title, size, goal in STUDIES[: 0 if options.results else 1 if options.small else None]:
        with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
            root = Path(folder) / "study"
            served_study.TEAMS = size["teams"]
            served_study.make_study(root, judges=size["judges"], images=size["images"])
            count, token = _answer(root)
            print(f"\n{title}, {count:,} answers; goal {goal} ms for each page")
            _time(root, token, options.looks, goal, PAGES)
    title, size, goal = STUDIES[0]
    with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
        root = Path(folder) / "study"
        served_study.TEAMS = size["teams"]
        served_study.make_study(root, judges=size["judges"], images=size["images"])
        token = _judge_and_close(root)
        print(f"\n{title}, closed; goal {goal} ms for each page")
        _time(root, token, options.looks, goal, RESULTS)


def _judge_and_close(root: Path) -> str:
    """Let every judge pick the later teams, more or less, and close; return an organiser's token."""
    rng, now = np.random.default_rng(1), datetime.now(UTC)
    workspace = open_workspace(root)
    with workspace.database.writing() as session:
        rows = session.execute(
            text(
                "SELECT trial.judge_id, trial.public_id, trial_slot.slot, team.position FROM trial_slot"
                " JOIN trial ON trial.id = trial_slot.trial_id"
                " JOIN picture ON picture.id = trial_slot.picture_id"
                " JOIN team ON team.id = picture.team_id"
                " WHERE trial.kind = 'main' ORDER BY trial.judge_id, trial.position, trial_slot.slot"
            )
        ).all()
        liked: dict[tuple[int, str], list[tuple[float, int]]] = {}
        for judge, trial, slot, team in rows:
            liked.setdefault((judge, trial), []).append((team + rng.normal(0, 4), slot))
        for (judge, trial), slots in liked.items():
            picks = [slot for _, slot in sorted(slots, reverse=True)[:3]]
            save_ballots(session, [Cast(judge, trial, f"key-{trial}-0000000", 0, {"picks": picks}, now)])
        studies.close_study(session, now=now)
    workspace.database.close()
    return _token(root)


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
    return len(rows), _token(root)


def _token(root: Path) -> str:
    """Make the link of an owner; return its token."""
    with closing(open_site(root)) as site, site.database.writing() as session:
        return sign_in_links.owner_link(session, now=datetime.now(UTC))


def _time(root: Path, token: str, looks: int, goal: int, pages: tuple[tuple[str, str], ...]) -> None:
    app = create_app(root)
    organiser = app.test_client()
    organiser.get(f"/o/{token}")
    for name, path in pages:
        times, busy, size = [], [], 0
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
