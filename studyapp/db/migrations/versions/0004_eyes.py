"""What the screenings of judges' eyes found has a table of its own: it can be removed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "eye_screening",
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_eye_screening_judge_id")),
        sa.PrimaryKeyConstraint("judge_id", name=op.f("pk_eye_screening")),
    )
