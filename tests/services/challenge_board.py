"""Submissions as scoring leaves them, put into the site's database for tests of what comes after."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from studyapp.db.site_tables import Choice, Submission
from studyapp.db.tables import utc_text
from studyapp.services.ground.site import Site
from studyapp.services.ground.workspace import init_folder
from tests.conftest import NOW
from tests.services.challenge_site import account_of

STUDY = """\
title: Low light
simulated: true
rules: {s2: {per: image, score: "psnr - 10*lpips"}, final: s2}
teams: []
"""
IMAGES = ("001", "002", "003", "004")


def make_track(folder: Path, name: str = "lowlight", text: str = STUDY) -> Path:
    """Make the study of a track, without images."""
    root = folder / "studies" / name
    init_folder(root, title=name)
    (root / "study.yaml").write_text(text, encoding="utf-8")
    return root


def put_in(
    site: Site,
    team: int,
    leader: str,
    scores: Sequence[float] | float | None,
    *,
    state: str = "done",
    phase: str = "feedback",
    track: str = "lowlight",
    kind: str = "results",
    at: datetime = NOW,
    later: int = 0,
    chosen: datetime | None = None,
    withdrawn: datetime | None = None,
    basis: str = "now",
    formula: str = "psnr - 10*lpips; for each image, then the mean",
    **more: Any,
) -> int:
    """Enter a submission that has these scores of its images, or failed or waits; return its number."""
    values = [float(scores)] * len(IMAGES) if isinstance(scores, int | float) else scores
    mean = None if values is None else sum(values) / len(values)
    result = {
        "means": {"psnr": mean and mean + 1.0, "lpips": 0.1},
        "images": len(IMAGES),
        "names": list(IMAGES),
        "image_scores": values,
        "missing": [],
        "formula": formula,
    }
    with site.database.writing() as session:
        count = session.exec(
            select(func.count())
            .select_from(Submission)
            .where(Submission.team_id == team, col(Submission.phase) == phase, Submission.track == track)
        ).one()
        row = Submission(
            team_id=team,
            track=track,
            phase=phase,
            kind=kind,
            number=count + 1,
            name="results.zip",
            size=1000,
            sha256="0" * 64,
            sent_by=account_of(site, leader),
            arrived_at=utc_text(at + timedelta(minutes=later)),
            state="withdrawn" if withdrawn else state,
            ended_at=utc_text(at + timedelta(minutes=later)),
            basis=basis,
            withdrawn_at=withdrawn and utc_text(withdrawn),
            score=mean if kind == "results" else None,
            readme=json.dumps({"runtime": 0.25, "on_gpu": True, "extra_data": False, "other": ""}),
            result=json.dumps(result if values is not None else {}),
            **more,
        )
        session.add(row)
        session.flush()
        if chosen is not None:
            choose_at(session, row.id or 0, chosen)
        return row.id or 0


def choose_at(session: Session, submission: int, when: datetime) -> None:
    """Let a submission have been chosen at a moment."""
    session.add(Choice(submission_id=submission, chosen_at=utc_text(when)))
