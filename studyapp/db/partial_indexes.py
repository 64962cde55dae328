"""Unique indexes of some of a table's rows; importing this module adds them to the tables.

They stand apart from `studyapp.db.tables` because declaring one loads SQLAlchemy's code for every kind of
database it names. Only the schema needs that; a server on SQLite would load all of PostgreSQL's.
"""

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from studyapp.db.tables import Link, Picture


def _unique_where(name: str, table: type[SQLModel], column: str, condition: str) -> None:
    where = text(condition)
    columns = table.__table__.c  # pyright: ignore[reportAttributeAccessIssue] (SQLAlchemy adds it)
    Index(name, columns[column], unique=True, sqlite_where=where, postgresql_where=where)


# An image has one input.
_unique_where("uq_picture_input", Picture, "image_id", "team_id IS NULL")
# A judge has one link that is not revoked.
_unique_where("uq_link_live", Link, "judge_id", "revoked_at IS NULL")
