"""Triggers by which the database itself refuses to change or delete what was recorded.

A migration that rebuilds one of these tables (Alembic's batch mode) drops its triggers: it must call
`create_triggers` again, and `tests/services/test_database.py` checks that they stand.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

APPEND_ONLY = ("ballot_event", "looking", "viewing_conditions", "study_event", "later_looking")


def create_triggers(connection: Connection, tables: Sequence[str] = APPEND_ONLY) -> None:
    """Make the append-only tables refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
        )
    for table in tables:
        for statement in _statements(connection.dialect.name, table):
            connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    """Let the append-only tables be cleared, in this transaction: a rehearsal is no record of anything."""
    on = connection.dialect.name == "postgresql"
    for table in APPEND_ONLY:
        for name in _names(connection.dialect.name, table):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{f' ON {table}' if on else ''}")


def missing_triggers(connection: Connection) -> list[str]:
    """Name the triggers that should stand and do not (or are switched off)."""
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    standing = {row[0] for row in connection.exec_driver_sql(query)}
    wanted = (name for table in APPEND_ONLY for name in _names(connection.dialect.name, table))
    return [name for name in wanted if name not in standing]


def _names(dialect: str, table: str) -> list[str]:
    ends = ("append_only", "no_truncate") if dialect == "postgresql" else ("no_update", "no_delete")
    return [f"{table}_{end}" for end in ends]


def _statements(dialect: str, table: str) -> list[str]:
    if dialect == "postgresql":
        return [
            f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE OR REPLACE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ]
