"""Organisers leave the study's database: links and sessions are judges' alone, accounts are the site's."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LIVE = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.execute("DELETE FROM login_session WHERE link_id IN (SELECT id FROM link WHERE role <> 'judge')")
    op.execute("DELETE FROM link WHERE role <> 'judge'")
    with op.batch_alter_table("login_session") as batch:
        batch.drop_column("account")
    op.drop_index("uq_link_live", "link")
    with op.batch_alter_table("link") as batch:
        batch.drop_constraint(op.f("ck_link_role_known"), type_="check")
        batch.drop_constraint(op.f("ck_link_judge_has_person"), type_="check")
        batch.drop_column("role")
        batch.alter_column("judge_id", existing_type=sa.Integer(), nullable=False)
    op.create_index(
        "uq_link_live", "link", ["judge_id"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
    )
