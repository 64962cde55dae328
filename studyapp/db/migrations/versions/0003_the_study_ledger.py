"""The study's own chain of events, the paused state, and the study file as it was registered."""

import sqlalchemy as sa
from alembic import op

from studyapp.db.triggers import create_triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BEFORE = "state IN ('draft', 'open', 'closed')"
AFTER = "state IN ('draft', 'open', 'paused', 'closed')"


def upgrade() -> None:
    op.create_table(
        "study_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_study_event_sequence_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_study_event_hash")),
        sa.UniqueConstraint("sequence", name=op.f("uq_study_event_sequence")),
    )
    create_triggers(op.get_bind(), ("study_event",))
    _study_table(AFTER, sa.Column("file", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.execute("UPDATE study SET state = 'open' WHERE state = 'paused'")
    _study_table(BEFORE)
    with op.batch_alter_table("study") as batch:
        batch.drop_column("file")
    op.drop_table("study_event")


def _study_table(states: str, *new: sa.Column) -> None:
    """Change the table's CHECK on states; SQLite has to rebuild the table, which nothing refers to."""
    if op.get_bind().dialect.name == "postgresql":
        for column in new:
            op.add_column("study", column)
        op.drop_constraint(op.f("ck_study_state_known"), "study", type_="check")
        op.create_check_constraint(op.f("ck_study_state_known"), "study", states)
        return
    columns = [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("see_all_at_1_1", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("study_file_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=True),
        sa.Column("closed_at", sa.String(), nullable=True),
    ]
    if not new:
        columns.append(sa.Column("file", sa.String(), nullable=False, server_default=""))
    table = sa.Table(
        "study",
        sa.MetaData(),
        *columns,
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_study_closed_has_time")
        ),
        sa.CheckConstraint(states, name=op.f("ck_study_state_known")),
        sa.CheckConstraint("id = 1", name=op.f("ck_study_one_row")),
        sa.CheckConstraint("places >= 1", name=op.f("ck_study_places_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
    )
    with op.batch_alter_table("study", copy_from=table, recreate="always") as batch:
        for column in new:
            batch.add_column(column)
