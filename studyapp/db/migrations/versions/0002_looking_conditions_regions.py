"""Evidence of looking, viewing conditions and regions of interest."""

import sqlalchemy as sa
from alembic import op

from studyapp.db.triggers import create_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "study", sa.Column("see_all_at_1_1", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "looking",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ballot_event.id"], name=op.f("fk_looking_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_looking")),
    )
    op.create_table(
        "viewing_conditions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_viewing_conditions_judge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing_conditions")),
    )
    op.create_index(op.f("ix_viewing_conditions_judge_id"), "viewing_conditions", ["judge_id"])
    op.create_table(
        "region",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.CheckConstraint("x >= 0 AND y >= 0 AND width > 0 AND height > 0", name=op.f("ck_region_inside")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_region_number_positive")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_region_image_id")),
        sa.PrimaryKeyConstraint("image_id", "number", name=op.f("pk_region")),
    )
    create_triggers(op.get_bind(), ("looking", "viewing_conditions"))


def downgrade() -> None:
    op.drop_table("region")
    op.drop_table("viewing_conditions")
    op.drop_table("looking")
    op.drop_column("study", "see_all_at_1_1")
