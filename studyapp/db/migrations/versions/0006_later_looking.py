"""Evidence of looking after a trial's last saved pick."""

import sqlalchemy as sa
from alembic import op

from studyapp.db.triggers import create_triggers

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "later_looking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("visit", sa.String(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("noted_at", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_later_looking_seconds_not_negative")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_later_looking_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_later_looking")),
        sa.UniqueConstraint(
            "trial_id", "visit", "seconds", name=op.f("uq_later_looking_trial_id_visit_seconds")
        ),
    )
    create_triggers(op.get_bind(), ("later_looking",))


def downgrade() -> None:
    op.drop_table("later_looking")
