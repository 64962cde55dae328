"""Alembic's entry for a site's database, as `studyapp/db/migrations/env.py` is for a study's."""

from alembic import context

import studyapp.db.site_indexes  # noqa: F401 (completes the metadata)
from studyapp.db.site_tables import SITE

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SITE,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
