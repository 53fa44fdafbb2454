"""Alembic migrations of the transcribe database."""
