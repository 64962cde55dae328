"""The tables as they were when migrations began to count."""

import sqlalchemy as sa
from alembic import op

from studyapp.db.triggers import create_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As of this revision; later append-only tables are protected by the migration that makes them.
APPEND_ONLY = ("ballot_event", "looking", "viewing_conditions", "study_event", "later_looking")


def upgrade() -> None:
    op.create_table(
        "image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_image_size_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
        sa.UniqueConstraint("key", name=op.f("uq_image_key")),
        sa.UniqueConstraint("position", name=op.f("uq_image_position")),
    )
    op.create_table(
        "judge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("conflicts", sa.String(), nullable=False),
        sa.Column("invited_at", sa.String(), nullable=False),
        sa.Column("guidelines_read_at", sa.String(), nullable=True),
        sa.Column("finished_at", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge")),
        sa.UniqueConstraint("email", name=op.f("uq_judge_email")),
        sa.UniqueConstraint("position", name=op.f("uq_judge_position")),
    )
    op.create_table(
        "study",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("protocol", sa.String(), nullable=False),
        sa.Column("study_file_sha256", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=True),
        sa.Column("closed_at", sa.String(), nullable=True),
        sa.Column("tests", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_study_closed_has_time")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'paused', 'closed')", name=op.f("ck_study_state_known")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_study_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
    )
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
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("control", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("key", name=op.f("uq_team_key")),
        sa.UniqueConstraint("position", name=op.f("uq_team_position")),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=True),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(role = 'judge') = (judge_id IS NOT NULL)", name=op.f("ck_link_judge_has_person")
        ),
        sa.CheckConstraint("role IN ('judge', 'organiser')", name=op.f("ck_link_role_known")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_link_judge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_link_token_sha256")),
    )
    op.create_index(
        "uq_link_live",
        "link",
        ["judge_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sha256_file", sa.String(), nullable=False),
        sa.Column("sha256_pixels", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_picture_image_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_picture_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("image_id", "team_id", name=op.f("uq_picture_image_id_team_id")),
    )
    op.create_index(
        "uq_picture_input",
        "picture",
        ["image_id"],
        unique=True,
        sqlite_where=sa.text("team_id IS NULL"),
        postgresql_where=sa.text("team_id IS NULL"),
    )
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
    op.create_table(
        "region",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_region_number_positive")),
        sa.CheckConstraint("x >= 0 AND y >= 0 AND width > 0 AND height > 0", name=op.f("ck_region_inside")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_region_image_id")),
        sa.PrimaryKeyConstraint("image_id", "number", name=op.f("pk_region")),
    )
    op.create_table(
        "trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('main', 'practice', 'repeat', 'golden', 'identical', 'stabilising')",
            name=op.f("ck_trial_kind_known"),
        ),
        sa.CheckConstraint("position >= 1", name=op.f("ck_trial_position_positive")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_trial_image_id")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_trial_judge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("judge_id", "kind", "position", name=op.f("uq_trial_judge_id_kind_position")),
        sa.UniqueConstraint("public_id", name=op.f("uq_trial_public_id")),
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
    op.create_index(op.f("ix_viewing_conditions_judge_id"), "viewing_conditions", ["judge_id"], unique=False)
    op.create_table(
        "ballot_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("judge_sequence", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("saved_at", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_ballot_event_revision_positive")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_ballot_event_judge_id")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_ballot_event_trial_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_ballot_event_hash")),
        sa.UniqueConstraint(
            "judge_id", "judge_sequence", name=op.f("uq_ballot_event_judge_id_judge_sequence")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_ballot_event_key")),
        sa.UniqueConstraint("trial_id", "revision", name=op.f("uq_ballot_event_trial_id_revision")),
    )
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
    op.create_table(
        "login_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("begun_at", sa.String(), nullable=False),
        sa.Column("used_at", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_login_session_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
    )
    op.create_index(op.f("ix_login_session_link_id"), "login_session", ["link_id"], unique=False)
    op.create_table(
        "trial_slot",
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.CheckConstraint("slot >= 0", name=op.f("ck_trial_slot_slot_not_negative")),
        sa.ForeignKeyConstraint(["picture_id"], ["picture.id"], name=op.f("fk_trial_slot_picture_id")),
        sa.ForeignKeyConstraint(["trial_id"], ["trial.id"], name=op.f("fk_trial_slot_trial_id")),
        sa.PrimaryKeyConstraint("trial_id", "slot", name=op.f("pk_trial_slot")),
        sa.UniqueConstraint("token", name=op.f("uq_trial_slot_token")),
    )
    op.create_table(
        "looking",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["ballot_event.id"], name=op.f("fk_looking_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_looking")),
    )
    create_triggers(op.get_bind(), APPEND_ONLY)
