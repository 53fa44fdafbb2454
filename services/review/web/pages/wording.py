"""Dates, durations, scores and money as people say them, in their language and zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from services.review.web.pages.view_models import plain
from services.review.web.pages.words import Words

GLYPHS = {"0": "0", "0.5": "½", "1": "1", "na": "–"}


class Wording:
    """Formats values for one person: his words, his zone, and the moment the page is made (aware UTC)."""

    def __init__(self, words: Words, zone: str, now: datetime) -> None:
        self.words = words
        self.zone = ZoneInfo(zone)
        self.now = now

    def moment(self, when: datetime) -> str:
        """`today 14:03`, `24.11 14:03`, with the year when it is another one."""
        local, here = when.astimezone(self.zone), self.now.astimezone(self.zone)
        clock = local.strftime("%H:%M")
        apart = (local.date() - here.date()).days
        near = {0: "day.today", -1: "day.yesterday", 1: "day.tomorrow"}.get(apart)
        if near:
            return self.words(near, time=clock)
        return f"{self._short(local.date())} {clock}"

    def stamp(self, when: datetime) -> str:
        """`24.11 14:03` without words, for tables."""
        return f"{self.day(when)} {self.time(when)}"

    def time(self, when: datetime) -> str:
        """The hour of a moment: `14:03`."""
        return when.astimezone(self.zone).strftime("%H:%M")

    def day(self, when: datetime | date) -> str:
        """A day: `24.11`, with the year when it is another one."""
        return self._short(when.astimezone(self.zone).date() if isinstance(when, datetime) else when)

    def month(self, when: date) -> str:
        """`ноябрь 2026`."""
        return format_date(when, "LLLL y", locale=self.words.language)

    def full(self, when: datetime) -> str:
        """The whole date and time with its zone, for titles and screen readers."""
        return format_datetime(when.astimezone(self.zone), "long", locale=self.words.language)

    def _short(self, day: date) -> str:
        russian = self.words.language == "ru"
        if day.year != self.now.astimezone(self.zone).year:
            return day.strftime("%d.%m.%Y") if russian else format_date(day, "d MMM y", locale="en")
        return day.strftime("%d.%m") if russian else format_date(day, "d MMM", locale="en")

    def left(self, until: datetime) -> str:
        """The time that is left, in its two largest units: `1 д 4 ч`, `25 мин`."""
        return self.span(until - self.now)

    def span(self, length: timedelta) -> str:
        """A length of time in its two largest units; `under a minute` when shorter."""
        minutes = max(0, int(length.total_seconds()) // 60)
        days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
        parts = [("days", days), ("hours", hours), ("minutes", minutes)]
        said = [self.words(f"duration.{name}", n=n) for name, n in parts if n][:2]
        return " ".join(said) or self.words("duration.moment")

    def span_ms(self, ms: int) -> str:
        """A length in ms in its two largest units."""
        return self.span(timedelta(milliseconds=ms))

    def clock(self, ms: int) -> str:
        """A place or length in a recording: `4:12`, `1:02:05`."""
        seconds = ms // 1000
        hours, minutes, seconds = seconds // 3600, seconds % 3600 // 60, seconds % 60
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def cqr(self, value: Decimal | None) -> str:
        """A rate in whole percent, a dash when there is none."""
        return "–" if value is None else str(value.quantize(Decimal(1), ROUND_HALF_UP))

    def number(self, value: Decimal | int | None, digits: int = 0) -> str:
        """A number with so many digits after the point, in the language's way; a dash for None."""
        if value is None:
            return "–"
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, pattern, locale=self.words.language))

    def percent(self, share: Decimal) -> str:
        """A share 0…1 as whole percent."""
        return f"{(share * 100).quantize(Decimal(1), ROUND_HALF_UP)} %"

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its currency (ISO code)."""
        return str(
            format_currency(amount, currency, locale=self.words.language, currency_digits=False, format="#,##0.## ¤")
        )

    def glyph(self, value: str | Decimal | None) -> str:
        """A score as it is drawn: 0, ½, 1, – (does not apply), or the number of another scale."""
        if value is None:
            return "–"
        text = plain(value) if isinstance(value, Decimal) else value
        return GLYPHS.get(text, text)
