"""Alembic's entry: runs migrations on the connection that `studyapp.db.schema` hands over."""

from alembic import context
from sqlmodel import SQLModel

import studyapp.db.partial_indexes  # noqa: F401 (fills the metadata, with the tables)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
