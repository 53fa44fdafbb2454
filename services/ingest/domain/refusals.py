"""What the door says no to, each with its HTTP status and a sentence for whoever connects a PBX."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Said:
    """Status and sentence of a refusal."""

    status: int
    detail: str


class Refused(Enum):
    """Every refusal of the door; the name in lower case is its code."""

    BODY_TRUNCATED = Said(400, "Fewer bytes came than were announced.")
    FORM_MALFORMED = Said(400, "The body is no form with the fields that are wanted, each once.")
    TOO_MANY_FIELDS = Said(400, "The form has more than 1000 fields.")
    SIGNATURE_MISSING = Said(401, "The request is not signed.")
    TIMESTAMP_MISSING = Said(401, "The header X-Otzvuk-Timestamp is missing or is no Unix time.")
    TIMESTAMP_OUTSIDE_WINDOW = Said(401, "The timestamp is more than 300 s away from our clock.")
    KEY_WRONG = Said(403, "The API key is not the one in our settings.")
    SIGNATURE_WRONG = Said(403, "The signature does not fit the body: another secret, or other bytes were signed.")
    UNKNOWN_SOURCE = Said(404, "No source of that name is in our settings.")
    BODY_TOO_SLOW = Said(408, "The body took longer than 10 s.")
    BODY_TOO_LARGE = Said(413, "The body is larger than 1 MiB.")
    CONTENT_ENCODING_REFUSED = Said(415, "Send the body uncompressed.")
    STORAGE_UNAVAILABLE = Said(503, "Nothing can be stored at the moment. Send it again.")
    OVERLOADED = Said(503, "Too much waits to be stored. Send it again.")

    @property
    def code(self) -> str:
        """For machines."""
        return self.name.lower()


class NotAdmitted(Exception):
    """The door says no."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.value.detail)
        self.refused = refused
