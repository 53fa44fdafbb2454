"""Places for the door's faults."""

from tests.places import sqlite_url

__all__ = ["sqlite_url"]
