"""Unique indexes of some of a site's rows, as `studyapp.db.partial_indexes`: importing this adds them."""

from sqlalchemy import Index, text

from studyapp.db.site_tables import Job, Membership

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
_LEADS = text("leads")
_OF_MEMBERS = Membership.__table__.c  # pyright: ignore[reportAttributeAccessIssue]
Index(
    "uq_membership_leader",
    _OF_MEMBERS.team_id,
    _OF_MEMBERS.track,
    unique=True,
    sqlite_where=_LEADS,
    postgresql_where=_LEADS,
)
