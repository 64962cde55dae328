"""Hidden repeats and golden trials, and the control that stands for the known-worse candidates."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('main', 'practice')"
AFTER = "kind IN ('main', 'practice', 'repeat', 'golden')"


def upgrade() -> None:
    op.add_column("team", sa.Column("control", sa.Boolean(), nullable=False, server_default=sa.false()))
    _trial_kinds(AFTER)


def downgrade() -> None:
    """Fail where a study has hidden trials: an earlier version cannot hold them."""
    _trial_kinds(BEFORE)
    op.drop_column("team", "control")


def _trial_kinds(kinds: str) -> None:
    """Change the table's CHECK on kinds.

    SQLite has to rebuild the table. Others refer to it, so that foreign keys must be off meanwhile
    (`studyapp.db.schema` sees to it); it has no triggers.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_trial_kind_known"), "trial", type_="check")
        op.create_check_constraint(op.f("ck_trial_kind_known"), "trial", kinds)
        return
    table = sa.Table(
        "trial",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(kinds, name=op.f("ck_trial_kind_known")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_trial_position_positive")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_trial_image_id")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_trial_judge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("judge_id", "kind", "image_id", name=op.f("uq_trial_judge_id_kind_image_id")),
        sa.UniqueConstraint("judge_id", "kind", "position", name=op.f("uq_trial_judge_id_kind_position")),
        sa.UniqueConstraint("public_id", name=op.f("uq_trial_public_id")),
    )
    with op.batch_alter_table("trial", copy_from=table, recreate="always"):
        pass
