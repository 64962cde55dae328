"""What the database holds after the torture, against what the judges were told."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, select

from studyapp.core.canonical import FIRST_HASH, event_hash
from studyapp.db.tables import BallotEvent, Trial
from tests.torture.judges import Records


@dataclass
class Verdict:
    """Each list holds one line for each thing that went wrong."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Chains, revisions or second records that do not hold together."""
    stored: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.lost or self.doubled or self.misplaced or self.broken)


def judge_database(session: Session, records: Records, journal: Path) -> Verdict:
    """Compare every stored ballot with what was sent, and every acknowledged one with what is stored."""
    rows = list(
        session.exec(
            select(BallotEvent, Trial.public_id, Trial.judge_id)
            .join(Trial, col(BallotEvent.trial_id) == Trial.id)
            .order_by(col(BallotEvent.judge_id), col(BallotEvent.judge_sequence))
        )
    )
    verdict = Verdict(stored=len(rows))
    keys = Counter(event.key for event, _, _ in rows)
    verdict.doubled += [key for key, count in keys.items() if count > 1]
    verdict.lost += [key for key in records.acknowledged if key not in keys]
    _answers(rows, records, verdict)
    _chains(rows, verdict)
    _second_record(rows, records, journal, verdict)
    return verdict


def _answers(rows: list, records: Records, verdict: Verdict) -> None:
    for event, trial, judge_id in rows:
        sent = records.sent.get(event.key)
        body = json.loads(event.body)
        told = records.acknowledged.get(event.key, event.revision)
        stands = (trial, event.revision, judge_id, tuple(body["answer"]["picks"]))
        meant = sent and (sent.trial, sent.base + 1, event.judge_id, sent.picks)
        if stands != meant or told != event.revision or event.key in records.refused:
            verdict.misplaced.append(f"{event.key}: stored {stands}, sent {sent}")


def _chains(rows: list, verdict: Verdict) -> None:
    heads: dict[int, tuple[int, str]] = {}
    revisions: dict[int, list[int]] = {}
    for event, trial, _ in rows:
        sequence, head = heads.get(event.judge_id, (0, FIRST_HASH))
        body = json.loads(event.body)
        if (event.judge_sequence, event.previous_hash) != (sequence + 1, head):
            verdict.broken.append(f"{event.key}: does not follow event {sequence} of judge {event.judge_id}")
        if event_hash(event.previous_hash, body) != event.hash or body["trial"] != trial:
            verdict.broken.append(f"{event.key}: is not what was hashed")
        heads[event.judge_id] = (event.judge_sequence, event.hash)
        revisions.setdefault(event.trial_id, []).append(event.revision)
    for trial, found in revisions.items():
        # In the order of the judge's own sequence, whatever the clock said.
        if found != list(range(1, len(found) + 1)):
            verdict.broken.append(f"trial {trial}: revisions {found}")


def _second_record(rows: list, records: Records, journal: Path, verdict: Verdict) -> None:
    written: Counter[str] = Counter()
    for line in (journal.read_bytes() if journal.exists() else b"").splitlines():
        try:
            written[json.loads(line)["hash"]] += 1
        except ValueError:
            continue  # torn by a kill; the event was written again whole, or was never acknowledged
    for event, _, _ in rows:
        if event.key in records.acknowledged and event.hash not in written:
            verdict.broken.append(f"{event.key}: acknowledged, but not in {journal.name}")
