"""Images change while test judges vote on a real server: its worker tiles again, nothing is lost or mixed."""

import io
import json
import threading
import uuid
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from PIL import Image
from sqlmodel import select

from benchmarks.keep_alive import Client
from studyapp.core.judges_file import JudgeLine
from studyapp.core.ledger import RECEIPT
from studyapp.db.tables import BallotEvent, Judge
from studyapp.services.ground import studies
from studyapp.services.ground.second_record import cleared_lines, compare_all
from studyapp.services.ground.site import open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.jobs import queue
from studyapp.services.people import invitations
from studyapp.services.results.verifying import verify_study
from tests.test_jobs_worker import until
from tests.torture.victim import Victim

FRESH = (255, 0, 255)
CAST = (JudgeLine("Tess", "tess@example.org", test=True), JudgeLine("Theo", "theo@example.org", test=True))


@dataclass
class Rehearser:
    """A test judge who opens trial after trial, looks at every candidate and picks."""

    port: int
    link: str
    stop: threading.Event
    statuses: Counter[int] = field(default_factory=Counter)
    receipts: list[str] = field(default_factory=list)
    seen: list[set[bool]] = field(default_factory=list)
    """For each trial that was looked at, whether its tiles were of the changed images."""

    def rehearse(self) -> None:
        with closing(Client(self.port)) as client:
            self._rehearse(client)

    def _rehearse(self, client: Client) -> None:
        client.get(f"/j/{self.link}")
        while not self.stop.is_set():
            listed = client.get("/api/trials")
            self.statuses[listed.status] += 1
            for entry in listed.json()["trials"]:
                if not self.stop.is_set():
                    self._judge(client, entry["trial"])

    def _judge(self, client: Client, trial: str) -> None:
        found = client.get(f"/api/trials/{trial}")
        self.statuses[found.status] += 1
        if found.status != 200:
            return
        data = found.json()
        client.csrf = data["csrf"]
        tiles = [client.get(f"{slot['tiles']}/0/0_0") for slot in data["slots"]]
        self.statuses.update(tile.status for tile in tiles)
        looked = {_is_fresh(tile.body) for tile in tiles if tile.status == 200}
        if looked:
            self.seen.append(looked)
        base = data["ballot"]["revision"] if data["ballot"] else 0
        body = {"key": str(uuid.uuid4()), "base_revision": base, "picks": [1]}
        saved = client.put_json(data["links"]["ballot"], body)
        self.statuses[saved.status] += 1
        if saved.status == 200:
            self.receipts.append(saved.json()["receipt"])


def _is_fresh(tile: bytes) -> bool:
    with Image.open(io.BytesIO(tile)) as image:
        return image.convert("RGB").getpixel((0, 0)) == FRESH


def test_a_changed_folder_is_tiled_by_a_job_while_test_judges_vote(folder, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        links = [item.token for item in invitations.invite_judges(
            session, workspace.key, CAST, now=datetime.now(UTC))]  # fmt: skip
        studies.open_study(session, now=datetime.now(UTC))
    workspace.database.close()
    stop = threading.Event()
    with Victim(folder, workers=2) as server, closing(open_site(folder)) as site:
        people = [Rehearser(server.port, link, stop) for link in links]
        threads = [threading.Thread(target=person.rehearse) for person in people]
        for thread in threads:
            thread.start()
        until(lambda: all(len(person.receipts) > 4 for person in people))
        for path in [*folder.glob("input/*.png"), *folder.glob("teams/*/*.png")]:
            with Image.open(path) as image:
                changed = image.convert("RGB")
            changed.putpixel((0, 0), FRESH)
            changed.save(path)
        with site.database.writing() as session:
            number = queue.ask(session, "", "tile", {}, by="Olga", now=datetime.now(UTC)).id

        def job() -> queue.JobView:
            with site.database.reading() as session:
                return queue.the_job(session, "", number)

        until(lambda: job().is_over)
        done = [len(person.seen) for person in people]
        until(lambda: all(len(person.seen) > before + 4 for person, before in zip(people, done, strict=True)))
        stop.set()
        for thread in threads:
            thread.join(60)
    ended = job()
    # A second attempt, as on a machine that stands still for longer than a lease, finds nothing left to do.
    assert (ended.state, ended.result["rehearsed_again"] or ended.attempts > 1) == ("done", True), ended
    for person in people:
        assert set(person.statuses) <= {200, 404}, person.statuses
        assert {False} in person.seen
        assert {True} in person.seen
        assert {True, False} not in person.seen, "old and new images in one trial"
        # From the moment on at which it saw the new images it saw no old ones.
        assert {False} not in person.seen[person.seen.index({True}) :]
    with closing(workspace.database), workspace.database.reading() as session:
        stored = {event[:RECEIPT] for event in session.exec(select(BallotEvent.hash))}
        kept = {json.loads(line)["hash"][:RECEIPT] for line in cleared_lines(workspace.folders)}
        given = {receipt for person in people for receipt in person.receipts}
        assert given
        assert given <= stored | kept
        assert stored <= given
        assert [judge.position for judge in session.exec(select(Judge))] == [9002, 9003]
        assert [item for item in verify_study(session, workspace) if item.verdict == "wrong"] == []
        assert not any(found.lost or found.missing for found in compare_all(workspace))
    with Victim(folder, workers=1) as server:  # it would refuse a database that lost events
        assert server.answers_within(60)
