"""Submissions of many teams while workers are killed: `python -m tests.torture --submissions`.

Two workers score what the teams handed in, in the order in which it came. At the end each score is looked up
in what `studyapp score` says of the same files, to the last digit.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlmodel import select

import studyapp.services.challenge.scoring  # noqa: F401 (forked processes have it then)
from analysis import processes
from studyapp.db.site_tables import Submission
from studyapp.services.challenge.submissions import folder_of
from studyapp.services.ground.site import Site
from studyapp.services.jobs import queue
from studyapp.services.paired.scoring import ScoringChoice, score_study
from tests.here import Here
from tests.paired_study import PAIRS, SCORING, write_pairs
from tests.services.challenge_site import CHALLENGE, account_of, challenge_site, team
from tests.services.handed_in import TRACK, good, hand_in, write_track, zipped
from tests.torture.jobs import PATIENCE, VICTIMS, kill_one, lines_of, start_worker, watched

LONGEST = 0.4
"""Seconds between two kills, at most."""


@dataclass
class Outcome:
    """What was done and what came of it; `wrong` holds a line for each thing that went wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    submissions: int = 0
    attempts: int = 0
    poisoned: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def told(self) -> str:
        """Say what came of it."""
        return "\n".join(
            [
                f"{self.submissions} submissions, {self.kills.total()} kills in {self.seconds:.0f} s "
                f"{dict(self.kills)}, {self.attempts} attempts, {self.poisoned} stopped after {queue.TRIES} "
                f"kills and tried again; wrong: {len(self.wrong)}",
                *self.wrong[:20],
            ]
        )


def submissions_ordeal(folder: Path, *, teams: int, each: int, kills: int, seed: int) -> Outcome:
    """Let so many teams hand in, each so often, and kill while it is scored.

    Parameters
    ----------
    folder
        An empty one; the environment says on which database.
    kills
        How many at least, unless everything is scored before.
    """
    rng, outcome, began = random.Random(seed), Outcome(), time.monotonic()
    notes = folder / "notes"
    notes.mkdir()
    (folder / "site").mkdir()
    with challenge_site(folder / "site", CHALLENGE.replace("daily: 2", "daily: 1000")) as site:
        write_track(site)
        sent = _hand_in(site, teams, each)
        outcome.submissions = len(sent)
        with (
            watched(notes),
            patch.object(processes, "ProcessPoolExecutor", Here),
        ):  # one kill, one piece of work
            _work(site, kills, rng, outcome)
        _judge(site, sent, notes, outcome)
        _compare(site, sent, folder / "by-command", outcome)
    outcome.seconds = time.monotonic() - began
    return outcome


def _hand_in(site: Site, teams: int, each: int) -> dict[int, tuple[int, int]]:
    """Let the teams hand in by turns; return team and seed of the files of each submission."""
    owners = [team(site, f"Team {number}", f"Leader {number}") for number in range(1, teams + 1)]
    by = account_of(site, "Leader 1")
    sent = {}
    for place in range(each):
        for owner in owners:
            files = 1000 * owner + place
            with site.database.writing() as session:
                made = hand_in(session, site, owner, zipped(good(files)), by=by)
                asked = {"submission": made.id}
                now = datetime.now(UTC)
                made.job_id = queue.ask(session, TRACK, "submission", asked, by="torture", now=now).id
                session.add(made)
                sent[made.id or 0] = (owner, files)
    return sent


def _work(site: Site, kills: int, rng: random.Random, outcome: Outcome) -> None:
    """Let two workers score, and kill; at the end in peace, with what was stopped for its kills once more."""
    workers = [start_worker(site), start_worker(site)]
    again: set[int] = set()
    deadline = time.monotonic() + PATIENCE + kills + 2 * outcome.submissions
    try:
        while _ask_poisoned_again(site, again) and time.monotonic() < deadline:
            time.sleep(rng.uniform(0, LONGEST))
            if outcome.kills.total() < kills:
                which = rng.choices(list(VICTIMS), list(VICTIMS.values()))[0]
                if kill_one(rng.choice(workers), which):
                    outcome.kills[which] += 1
            workers = [worker if worker.is_alive() else start_worker(site) for worker in workers]
    finally:
        outcome.poisoned = len(again)
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(30)


def _ask_poisoned_again(site: Site, again: set[int]) -> bool:
    """Ask again for what was killed too often, as an organiser would; return whether anything is not over."""
    with site.database.writing() as session:
        jobs = {job.id: job for job in queue.jobs_of(session, TRACK, 100_000)}
        states = session.exec(select(Submission.state, Submission.job_id)).all()
        for state, number in states:
            job = jobs.get(number or 0)
            if state == "failed" and job is not None and job.failures >= queue.TRIES and job.id not in again:
                queue.again(session, TRACK, job.id, by="torture", now=datetime.now(UTC))
                again.add(job.id)
        return any(state != "done" for state, _ in states)


def _judge(site: Site, sent: Mapping[int, tuple[int, int]], notes: Path, outcome: Outcome) -> None:
    """Look for what is lost, doubled, run twice at once, begun after its end, or left behind."""
    with site.database.reading() as session:
        rows = {row.id or 0: row for row in session.exec(select(Submission))}
        jobs = queue.jobs_of(session, TRACK, 100_000)
    outcome.attempts = sum(job.attempts for job in jobs)
    if rows.keys() != sent.keys():
        outcome.wrong.append(f"{len(sent)} submissions, but {len(rows)} rows")
    numbers: Counter[tuple[int, int]] = Counter()
    for number, row in rows.items():
        numbers[row.team_id, row.number] += 1
        if (row.state, row.team_id) != ("done", sent[number][0]) or row.score is None:
            outcome.wrong.append(f"submission {number} of {row.team_id}: {row.state} {row.score}")
    outcome.wrong += [f"{one} is there {count} times" for one, count in numbers.items() if count > 1]
    begun = Counter(lines_of(notes / "begun"))
    finished = Counter(job.arguments["submission"] for job in jobs if job.state == "done")
    outcome.wrong += [
        f"submission {one} was done {count} times" for one, count in finished.items() if count > 1
    ]
    for job in jobs:
        if begun[str(job.id)] > job.attempts:
            outcome.wrong.append(f"job {job.id}: begun {begun[str(job.id)]} times, {job.attempts} attempts")
    outcome.wrong += [f"run twice at once: {line}" for line in lines_of(notes / "at-once")]
    left = [*site.folders.var.glob("submissions/*/.unpacking-*"), *site.folders.var.glob("jobs/*")]
    outcome.wrong += [f"left behind: {path}" for path in left if ".lock" not in path.name]


def _compare(site: Site, sent: Mapping[int, tuple[int, int]], root: Path, outcome: Outcome) -> None:
    """Give the same files to `studyapp score`, a team for each submission, and compare."""
    names = {number: f"sub{number:04}" for number in sent}
    root.mkdir()
    teams = "".join(f"  - {{id: {name}, name: {name}}}\n" for name in names.values())
    (root / "study.yaml").write_text(f"title: Compared\nseed: 1\nteams:\n{teams}{SCORING}", encoding="utf-8")
    write_pairs(root)
    for number, (_, files) in sent.items():
        target = root / "paired" / "teams" / names[number]
        target.mkdir()
        for name, data in good(files).items():
            if name.endswith(".png"):
                (target / name).write_bytes(data)
    found, _ = score_study(root, ScoringChoice(workers=1))
    means = {row["team"]: row for row in found.teams.to_dict("records")}
    images = {name: rows.set_index("image")["score"] for name, rows in found.images.groupby("team")}
    with site.database.reading() as session:
        rows = list(session.exec(select(Submission).where(Submission.state == "done")))
    for row in rows:
        wanted, result = means[names[row.id or 0]], json.loads(row.result)
        same: tuple[tuple[Any, Any], ...] = (
            (row.score, wanted["score"]),
            (result["means"], {metric: wanted[metric] for metric in ("psnr", "ssim")}),
            (result["image_scores"], [images[names[row.id or 0]][image] for image in PAIRS]),
            (len(list((folder_of(site, row.id or 0) / "images").iterdir())), len(PAIRS)),
        )
        outcome.wrong += [
            f"submission {row.id}: {mine}, studyapp score: {theirs}"
            for mine, theirs in same
            if mine != theirs
        ]
