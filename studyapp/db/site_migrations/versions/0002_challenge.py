"""A challenge: its teams, who is in them, what they hand in, and who goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenge_team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("affiliation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("join_sha256", sa.String(), nullable=True),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("decided_at", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused', 'left')", name=op.f("ck_challenge_team_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_team")),
        sa.UniqueConstraint("join_sha256", name=op.f("uq_challenge_team_join_sha256")),
        sa.UniqueConstraint("key", name=op.f("uq_challenge_team_key")),
    )
    op.create_index(op.f("ix_challenge_team_state"), "challenge_team", ["state"], unique=False)

    op.create_table(
        "cut",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cut")),
    )
    op.create_index(op.f("ix_cut_track"), "cut", ["track"], unique=False)

    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("used_at", sa.String(), nullable=True),
        sa.Column("revoked_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_access_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_access_token_token_sha256")),
    )
    op.create_index(op.f("ix_access_token_account_id"), "access_token", ["account_id"], unique=False)

    op.create_table(
        "entry",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("entered_at", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.String(), nullable=True),
        sa.Column("study_team", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["challenge_team.id"], name=op.f("fk_entry_team_id")),
        sa.PrimaryKeyConstraint("team_id", "track", name=op.f("pk_entry")),
    )
    op.create_index(op.f("ix_entry_track"), "entry", ["track"], unique=False)

    op.create_table(
        "factsheet",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["saved_by"], ["account.id"], name=op.f("fk_factsheet_saved_by")),
        sa.ForeignKeyConstraint(["team_id"], ["challenge_team.id"], name=op.f("fk_factsheet_team_id")),
        sa.PrimaryKeyConstraint("team_id", "track", "version", name=op.f("pk_factsheet")),
    )
    op.create_table(
        "membership",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_account_id")),
        sa.ForeignKeyConstraint(["team_id"], ["challenge_team.id"], name=op.f("fk_membership_team_id")),
        sa.PrimaryKeyConstraint("account_id", "track", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_team_id"), "membership", ["team_id"], unique=False)
    leads = sa.text("leads")
    op.create_index(
        "uq_membership_leader",
        "membership",
        ["team_id", "track"],
        unique=True,
        sqlite_where=leads,
        postgresql_where=leads,
    )

    op.create_table(
        "team_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["challenge_team.id"], name=op.f("fk_team_invitation_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_team_invitation_token_sha256")),
    )

    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.String(), nullable=True),
        sa.Column("ended_at", sa.String(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("readme", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("upload_id", sa.String(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('results', 'final', 'code')", name=op.f("ck_submission_kind_known")),
        sa.CheckConstraint(
            "score IS NULL OR (kind = 'results' AND state IN ('done', 'withdrawn'))",
            name=op.f("ck_submission_scored"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'done', 'failed', 'withdrawn')",
            name=op.f("ck_submission_state_known"),
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["account.id"], name=op.f("fk_submission_sent_by")),
        sa.ForeignKeyConstraint(["team_id"], ["challenge_team.id"], name=op.f("fk_submission_team_id")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_submission_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_submission_upload_id")),
        sa.UniqueConstraint(
            "team_id", "track", "phase", "number", name=op.f("uq_submission_team_id_track_phase_number")
        ),
    )
    op.create_index(op.f("ix_submission_state"), "submission", ["state"], unique=False)
    op.create_index(op.f("ix_submission_team_id"), "submission", ["team_id"], unique=False)
    of_board = ["track", "phase", "kind", "team_id", "number", "arrived_at", "state", "score", "basis"]
    op.create_index("ix_submission_board", "submission", [*of_board, "withdrawn_at"], unique=False)

    op.create_table(
        "choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("chosen_at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_choice_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
    )
    op.create_index(op.f("ix_choice_submission_id"), "choice", ["submission_id"], unique=False)

    with op.batch_alter_table("upload") as batch:
        batch.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch.create_index(batch.f("ix_upload_team_id"), ["team_id"], unique=False)
        batch.create_foreign_key(batch.f("fk_upload_team_id"), "challenge_team", ["team_id"], ["id"])
