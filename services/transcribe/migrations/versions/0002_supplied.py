"""Where the transcript lies that the PBX supplied: sound that comes later is joined to it."""

from alembic import op
from sqlalchemy import Column, String

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transcripts", Column("supplied_uri", String(500)))
