"""What the house does by the command line, a module a subject."""

from services.review.commands.proofs import audit
from services.review.commands.samples import sample
from services.review.commands.staff import admin, people
from services.review.commands.taking_away import export, retention

__all__ = ["admin", "audit", "export", "people", "retention", "sample"]
