"""The first tables."""

import sqlalchemy as sa
from alembic import op

from studyapp.db.triggers import FIRST, create_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


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
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("study_file_sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.String(), nullable=False),
        sa.Column("opened_at", sa.String(), nullable=True),
        sa.Column("closed_at", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_study_closed_has_time")
        ),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("ck_study_state_known")),
        sa.CheckConstraint("id = 1", name=op.f("ck_study_one_row")),
        sa.CheckConstraint("places >= 1", name=op.f("ck_study_places_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
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
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(
            "uq_link_live",
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
    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.create_index(
            "uq_picture_input",
            ["image_id"],
            unique=True,
            sqlite_where=sa.text("team_id IS NULL"),
            postgresql_where=sa.text("team_id IS NULL"),
        )

    op.create_table(
        "trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('main', 'practice')", name=op.f("ck_trial_kind_known")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_trial_position_positive")),
        sa.ForeignKeyConstraint(["image_id"], ["image.id"], name=op.f("fk_trial_image_id")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_trial_judge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        sa.UniqueConstraint("judge_id", "kind", "image_id", name=op.f("uq_trial_judge_id_kind_image_id")),
        sa.UniqueConstraint("judge_id", "kind", "position", name=op.f("uq_trial_judge_id_kind_position")),
        sa.UniqueConstraint("public_id", name=op.f("uq_trial_public_id")),
    )
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
        sa.UniqueConstraint("id", "trial_id", name=op.f("uq_ballot_event_id_trial_id")),
        sa.UniqueConstraint(
            "judge_id", "judge_sequence", name=op.f("uq_ballot_event_judge_id_judge_sequence")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_ballot_event_key")),
        sa.UniqueConstraint("trial_id", "revision", name=op.f("uq_ballot_event_trial_id_revision")),
    )
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
        sa.UniqueConstraint("trial_id", "picture_id", name=op.f("uq_trial_slot_trial_id_picture_id")),
    )
    op.create_table(
        "pick",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.CheckConstraint("place >= 1", name=op.f("ck_pick_place_positive")),
        sa.CheckConstraint("slot >= 1", name=op.f("ck_pick_slot_is_a_candidate")),
        sa.ForeignKeyConstraint(
            ["event_id", "trial_id"],
            ["ballot_event.id", "ballot_event.trial_id"],
            name=op.f("fk_pick_event_id_trial_id"),
        ),
        sa.ForeignKeyConstraint(
            ["trial_id", "slot"],
            ["trial_slot.trial_id", "trial_slot.slot"],
            name=op.f("fk_pick_trial_id_slot"),
        ),
        sa.PrimaryKeyConstraint("event_id", "place", name=op.f("pk_pick")),
        sa.UniqueConstraint("event_id", "slot", name=op.f("uq_pick_event_id_slot")),
    )
    create_triggers(op.get_bind(), FIRST)


def downgrade() -> None:
    op.drop_table("pick")
    op.drop_table("trial_slot")
    op.drop_table("ballot_event")
    op.drop_table("trial")
    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_picture_input",
            sqlite_where=sa.text("team_id IS NULL"),
            postgresql_where=sa.text("team_id IS NULL"),
        )

    op.drop_table("picture")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_link_live",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.drop_table("link")
    op.drop_table("team")
    op.drop_table("study")
    op.drop_table("judge")
    op.drop_table("image")
