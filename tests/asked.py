"""Studies that ask in every way: the small study with references and anchors, and judges who answer."""

from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import numpy as np
from PIL import Image
from sqlmodel import col, func, select

from studyapp.core.reasons import Reason
from studyapp.db.tables import Judge, Picture, Team, Trial, TrialSlot
from studyapp.protocols import Asked
from studyapp.services.folder import preparing
from studyapp.services.ground.studies import the_protocol
from studyapp.services.ground.workspace import Workspace
from studyapp.services.voting.ballots import Cast
from tests.conftest import IMAGES, NOW
from tests.services.voting import save_ballot

SETTINGS = {
    "pairwise": "kind: pairwise, both_bad: true, identical: 1, stabilising: 1",
    "ranking": "kind: ranking",
    "acr": "kind: acr, stabilising: 2",
    "acr_hr": "kind: acr_hr",
    "dcr": "kind: dcr",
    "slider": "kind: slider, reference: true, anchor: true",
    "balanced": "kind: pairwise, reference: true, design: balanced, pairs_per_judge: 7",
}
"""Lines of study.yaml by a name of the test's own."""


def add_controls(folder: Path) -> None:
    """Give every image a reference and an anchor, the brightest and the darkest there is."""
    for image in ("000", *IMAGES):
        with Image.open(folder / "input" / f"{image}.png") as picture:
            pixels = np.asarray(picture)
        for control, change in (("reference", pixels + np.uint8(50)), ("anchor", pixels // 2)):
            (folder / control).mkdir(exist_ok=True)
            Image.fromarray(change).save(folder / control / f"{image}.png")


def ask(folder: Path, settings: str, more: str = "") -> None:
    """Let a tiled study ask so, and enter it anew."""
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8").partition("protocol:")[0]
    path.write_text(f"{text}protocol: {{{SETTINGS.get(settings, settings)}}}\n{more}", encoding="utf-8")
    preparing.prepare_study(folder, workers=1, progress=None, now=NOW)


def answer_all(
    workspace: Workspace, *, judges: int = 99, noise: float = 0.0, reasons: tuple[Reason, ...] = ()
) -> int:
    """Let the first so many judges answer every trial, liking later teams more; return how many they were.

    With `noise` they waver, by so many places of study.yaml; `reasons` go with each answer.
    """
    rng = np.random.default_rng(3)
    with workspace.database.reading() as session:
        protocol = the_protocol(session)
        trials = session.exec(
            select(Trial.id, Trial.public_id, Trial.judge_id, Trial.kind, func.count(col(TrialSlot.slot)) - 1)
            .join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
            .join(Judge, col(Trial.judge_id) == Judge.id)
            .where(Judge.position < judges)
            .group_by(col(Trial.id), col(Trial.public_id), col(Trial.judge_id), col(Trial.kind))
            .order_by(col(Trial.judge_id), col(Trial.id))
        ).all()
        rows = session.exec(
            select(TrialSlot.trial_id, TrialSlot.slot, Team.position)
            .join(Picture, col(TrialSlot.picture_id) == Picture.id)
            .join(Team, col(Picture.team_id) == Team.id)
            .where(TrialSlot.slot > 0)
        ).all()
    likings: dict[int, dict[int, float]] = {}
    for trial, slot, team in rows:
        likings.setdefault(trial, {})[slot] = float(team) + noise * rng.normal()
    for number, public_id, judge, kind, slots in trials:
        question = protocol.question(Asked("practice" if kind == "practice" else "main", slots))
        answer = protocol.simulate(question, likings[number])[-1]
        key = str(uuid5(NAMESPACE_OID, public_id))
        with workspace.database.writing() as session:
            assert save_ballot(session, Cast(judge, public_id, key, 0, answer, NOW, reasons)).complete
    return len(trials)
