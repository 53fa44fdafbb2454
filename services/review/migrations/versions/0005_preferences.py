"""How each person likes the pages: language, theme, speed of playback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("person_id", sa.String(128), nullable=False),
        sa.Column("language", sa.String(2)),
        sa.Column("theme", sa.String(8)),
        sa.Column("speed_hundredths", sa.Integer()),
        sa.Column("skips_silence", sa.Boolean()),
        sa.PrimaryKeyConstraint("person_id", name="pk_preferences"),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_preferences_person_id_people"),
    )
