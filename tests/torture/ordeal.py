"""One ordeal: judges vote through a bad network while the server is killed, starved of disk and mis-timed."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from tests.torture.chaos import BadNetwork
from tests.torture.judges import Device, Records
from tests.torture.verdict import Verdict, judge_database
from tests.torture.victim import Victim

JUDGES = 6
SECOND_DEVICES = 2  # so many judges vote on two devices at once
KINDS = {"a worker": 42, "workers": 15, "master": 8, "all": 35}
LONGEST_WAIT = 5.0
LAST_PATIENCE = 60.0


@dataclass
class Outcome:
    """What was done and what came of it."""

    verdict: Verdict
    records: Records
    fates: Counter[str]
    kills: Counter[str] = field(default_factory=Counter)
    full_disks: int = 0
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether every acknowledged ballot is there once, where it belongs, and nobody was told nonsense."""
        return self.verdict.clean and not self.records.wrong

    def told(self) -> str:
        """List what went wrong, a line each."""
        found = self.verdict
        return "\n".join(
            [*found.lost, *found.doubled, *found.misplaced, *found.broken, *self.records.wrong][:20]
        )


def ordeal(
    root: Path,
    *,
    kills: int,
    seed: int,
    environment: dict[str, str] | None = None,
    skew: Callable[[random.Random], dict[str, str]] | None = None,
    hurt_database: Callable[[random.Random], None] | None = None,
    full_disk: float = 0.1,
    hurting: float = 0.1,
) -> Outcome:
    """Put the tiled study in `root` through so many kills.

    Parameters
    ----------
    root
        A tiled study without judges; the environment says on which database.
    kills
        SIGKILLs to the server.
    seed
        Of every choice made here; threads and processes add chance of their own.
    environment
        Added to the server's.
    skew
        Makes the environment that gives the next server a wrong clock.
    hurt_database
        Called now and then, to kill the database's own processes.
    full_disk
        Chance, at each kill, that the disk is full for a while first.
    hurting
        Chance, at each kill, that the database is hurt first.
    """
    rng = random.Random(seed)
    links = invite(root)
    records, stop = Records(), threading.Event()
    started = time.monotonic()
    with Victim(root, environment or {}) as victim, BadNetwork(victim.port, seed) as network:
        devices = [
            Device(number, link, victim.port, network.port, seed * 1000 + number + 100 * second,
                   records, stop, alone=number >= SECOND_DEVICES)
            for number, link in enumerate(links)
            for second in range(2 if number < SECOND_DEVICES else 1)
        ]  # fmt: skip
        for device in devices:
            device.start()
        done: Counter[str] = Counter()
        full = 0
        while done.total() < kills:
            _wait_for_votes(records, rng)
            if rng.random() < full_disk:
                full += 1
                _fill_for_a_while(victim, rng)
            if hurt_database is not None and rng.random() < hurting:
                hurt_database(rng)
            which = rng.choices(list(KINDS), list(KINDS.values()))[0]
            victim.kill(which)
            done[which] += 1
            if which in ("master", "all"):
                victim.start(**(skew(rng) if skew else {}))
        _wait_for_votes(records, rng)
        if not victim.answers_within(LAST_PATIENCE):
            records.wrong.append("the server gave up and stayed away")
            victim.start()
        stop.set()
        for device in devices:
            device.join(60)
            if device.is_alive():
                records.wrong.append(f"judge {device.judge} still waits for an answer")
        fates = network.fates
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        verdict = judge_database(session, records, workspace.folders.journal)
    workspace.database.close()
    return Outcome(verdict, records, fates, done, full, time.monotonic() - started)


def invite(root: Path) -> list[str]:
    """Invite judges, open the study, return the personal links."""
    workspace = open_workspace(root)
    people = [JudgeLine(f"Judge {number}", f"judge{number}@example.org") for number in range(JUDGES)]
    now = datetime.now(UTC)
    with workspace.database.writing() as session:
        invited = invitations.invite_judges(session, workspace.key, people, now=now)
        studies.open_study(session, now=now)
    workspace.database.close()
    return [f"/j/{item.token}" for item in invited]


def _wait_for_votes(records: Records, rng: random.Random) -> None:
    """Let some ballots through, then a moment more, so that the next blow falls anywhere."""
    goal = len(records.acknowledged) + rng.randint(1, 15)
    deadline = time.monotonic() + LONGEST_WAIT
    while len(records.acknowledged) < goal and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(rng.uniform(0, 0.02))


def _fill_for_a_while(victim: Victim, rng: random.Random) -> None:
    victim.fill_disk(rng.choice((0, rng.randint(1, 40_000))))
    time.sleep(rng.uniform(0.1, 0.5))
    if rng.random() < 0.5:
        # Else the full disk is still full when the server dies; its successor has a free one.
        victim.free_disk()
