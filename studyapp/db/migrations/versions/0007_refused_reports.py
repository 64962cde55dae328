"""What of a judge's messages was refused, so that organisers see it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused_report",
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.String(), nullable=False),
        sa.Column("last_reason", sa.String(), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_refused_report_count_positive")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_refused_report_judge_id")),
        sa.PrimaryKeyConstraint("judge_id", "kind", name=op.f("pk_refused_report")),
    )


def downgrade() -> None:
    op.drop_table("refused_report")
