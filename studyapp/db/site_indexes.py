"""Unique indexes of some of a site's rows, as `studyapp.db.partial_indexes`: importing this adds them."""

from sqlalchemy import Index, text

from studyapp.db.site_tables import Job

_RUNNING = text("state = 'running'")
_COLUMNS = Job.__table__.c  # pyright: ignore[reportAttributeAccessIssue] (SQLAlchemy adds it)
Index(
    "uq_job_lane",
    _COLUMNS.study,
    _COLUMNS.lane,
    unique=True,
    sqlite_where=_RUNNING,
    postgresql_where=_RUNNING,
)
