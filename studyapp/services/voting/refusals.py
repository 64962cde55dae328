"""What judges' pages sent and the server refused: counted, so that organisers see that something is wrong."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from studyapp.db.tables import RefusedReport, utc_text

LONGEST_REASON = 200  # characters; a reason may quote what was sent


def note_refused(session: Session, judge_id: int, kind: str, reason: str, *, now: datetime) -> None:
    """Count a refusal; `kind` is what was sent: ballot, looking or conditions."""
    row = session.get(RefusedReport, (judge_id, kind))
    if row is None:
        row = RefusedReport(judge_id=judge_id, kind=kind, count=0, last_at="", last_reason="")
    row.count += 1
    row.last_at = utc_text(now)
    row.last_reason = reason[:LONGEST_REASON]
    session.add(row)


def refused(session: Session) -> dict[int, tuple[int, str]]:
    """Return for each judge of whom something was refused how often, and why the last time."""
    counts = {
        judge: int(total)
        for judge, total in session.exec(
            select(RefusedReport.judge_id, func.sum(RefusedReport.count)).group_by(
                col(RefusedReport.judge_id)
            )
        )
    }
    rows = session.exec(select(RefusedReport).order_by(col(RefusedReport.last_at))).all()
    return {row.judge_id: (counts[row.judge_id], f"{row.kind}: {row.last_reason}") for row in rows}
