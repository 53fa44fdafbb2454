"""How a person likes the pages: language, theme, speed of playback; None where he has not said."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal

from services.review.domain.people import Language

THEMES = ("auto", "light", "dark")
SPEEDS_HUNDREDTHS = (75, 100, 125, 150, 200, 250, 300)


@dataclass(frozen=True)
class Preferences:
    """What one person has said; it goes with him from browser to browser."""

    language: Language | None = None
    theme: str | None = None
    speed_hundredths: int | None = None
    skips_silence: bool | None = None

    @property
    def said(self) -> dict[str, object]:
        """The fields that are said, by name."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


def understood(language: str, theme: str, speed: str, silence: str) -> Preferences:
    """What a form says, in the words of its fields; what it does not know is left unsaid."""
    hundredths = int(Decimal(speed) * 100) if re.fullmatch(r"[0-9](\.[0-9]{1,2})?", speed) else None
    return Preferences(
        language=Language(language) if language in set(Language) else None,
        theme=theme if theme in THEMES else None,
        speed_hundredths=hundredths if hundredths in SPEEDS_HUNDREDTHS else None,
        skips_silence={"skip": True, "keep": False}.get(silence),
    )
