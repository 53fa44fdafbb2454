"""The one metadata object that every table of this service hangs on; Alembic compares it with the database."""

from services.runtime.queue_tables import new_metadata

metadata = new_metadata()
