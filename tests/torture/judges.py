"""Judges who send ballots through a bad network to a dying server, and write down what they were told."""

import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.keep_alive import Client, Reply

AGAIN = {429, 500, 502, 503, 504}
SLOTS = 4


@dataclass(frozen=True)
class Sent:
    """An answer as it was sent, under one key, perhaps many times."""

    judge: int
    trial: str
    base: int
    picks: tuple[int, ...]


@dataclass
class Records:
    """What all judges sent, and what the server told them about it."""

    sent: dict[str, Sent] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Key to the revision that the server said it became."""
    refused: set[str] = field(default_factory=set)
    """Keys answered as stale: they must never be stored."""
    wrong: list[str] = field(default_factory=list)
    retries: int = 0
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass
class Device(threading.Thread):
    """One of a judge's browsers, voting until told to stop, and then until its last answer is through."""

    judge: int
    link: str
    server: int
    network: int
    seed: int
    records: Records
    stop: threading.Event
    alone: bool = True
    """Whether this judge has no second device; nothing can be stale then."""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.rng = random.Random(self.seed)
        self.client = Client(self.network)
        self.known: dict[str, int] = {}

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Vote, one answer after the other."""
        try:
            self.log_in()
            while not self.stop.is_set():
                self.answer(self.rng.choice(list(self.known)))
        except Exception as error:  # a judge who falls silent would let the torture pass
            self.records.wrong.append(f"judge {self.judge} gave up: {error!r}")
            raise
        finally:
            self.client.close()

    def log_in(self) -> None:
        """Open the personal link, past the bad network: this is about ballots."""
        direct = Client(self.server, source=f"127.0.1.{self.judge + 1}")
        while True:
            try:
                direct.get(self.link)
                trials = direct.get("/api/trials").json()
                names = [*trials["practice"], *(line["trial"] for line in trials["trials"])]
                views = [direct.get(f"/api/trials/{name}").json() for name in names]
                found = {view["trial"]: view["ballot"]["revision"] for view in views}
                self.client.cookies, self.client.csrf = dict(direct.cookies), views[0]["csrf"]
            except (OSError, KeyError, ValueError):
                direct.close()
                time.sleep(0.2)
                continue
            self.known = self.known or found
            direct.close()
            return

    def answer(self, trial: str) -> None:
        """Send one answer until the server says what became of it."""
        key = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        picks = tuple(self.rng.sample(range(1, SLOTS + 1), self.rng.randint(0, 3)))
        sent = Sent(self.judge, trial, self.known[trial], picks)
        self.records.sent[key] = sent
        body = {"key": key, "base_revision": sent.base, "picks": picks}
        while (reply := self._try(f"/api/trials/{trial}/ballot", body)) is None:
            self.records.retries += 1
            time.sleep(self.rng.uniform(0.01, 0.15))
        self._note(key, sent, reply)

    def _try(self, path: str, body: dict) -> Reply | None:
        try:
            reply = self.client.put_json(path, body)
        except OSError:
            self.client.close()
            return None
        self.records.statuses[reply.status] += 1
        if reply.status == 401 or (reply.status == 400 and reply.json()["error"]["code"] == "csrf"):
            self.log_in()
            return None
        return None if reply.status in AGAIN else reply

    def _note(self, key: str, sent: Sent, reply: Reply) -> None:
        said = reply.json()
        if reply.status == 409 and "current" in said and not self.alone:
            self.records.refused.add(key)
            self.known[sent.trial] = said["current"]["revision"]
        elif reply.status != 200:
            self.records.wrong.append(f"{key}: {sent} was answered {reply.status} {said}")
        elif (said["revision"], tuple(said["picks"])) != (sent.base + 1, sent.picks):
            self.records.wrong.append(f"{key}: {sent} was acknowledged as {said}")
        else:
            self.records.acknowledged[key] = self.known[sent.trial] = said["revision"]
