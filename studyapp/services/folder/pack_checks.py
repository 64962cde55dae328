"""Whether the tile packs are still those that were made: what judges see is what was entered."""

from sqlmodel import Session, col, select

from analysis.audit.findings import Finding
from studyapp.batch.pool import Progress, run
from studyapp.db.tables import Picture
from studyapp.imaging.pack_check import PackCheck, misfit
from studyapp.services.ground.workspace import Workspace


def check_packs(
    session: Session, workspace: Workspace, *, workers: int | None = None, progress: Progress | None = None
) -> Finding:
    """Read every pack of the study and compare it with what was recorded when it was made.

    Parameters
    ----------
    workers
        Number of processes; as many as there are processors by default.
    progress
        Called as ``progress("packs", done, total)``.
    """
    rows = session.exec(select(Picture.pack, Picture.sha256_pixels).order_by(col(Picture.pack)))
    checks = [PackCheck(workspace.folders.var / pack, pack, pixels) for pack, pixels in rows]
    found = [text for text in run(misfit, checks, workers=workers, stage="packs", progress=progress) if text]
    if not found:
        return Finding("packs", "ok", f"{len(checks)} tile packs are unchanged")
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Finding("packs", "wrong", f"{found[0]}{more}; delete its .pack.json and run `studyapp tile DIR`")
