"""News tell that something changed, never what, and end when nobody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from services.review.web.pages.live import news


def heard(marks: list[str], *, gone_after: int, seen: str | None = None) -> list[str]:
    given: Iterator[str] = iter(marks)
    turns = iter(range(100))

    async def listen() -> list[str]:
        return [line async for line in news(lambda: next(given), lambda: next(turns) >= gone_after, 0.001, seen)]

    return asyncio.run(listen())


def test_a_change_is_told_once() -> None:
    lines = heard(["1", "1", "2", "2", "3"], gone_after=4)
    assert [line for line in lines if line.startswith("event")] == ["event: change\ndata: \n\n"] * 2


def test_what_changed_before_the_page_could_listen_is_told_too() -> None:
    assert heard(["2", "2"], gone_after=2, seen="1") == ["retry: 3000\n\n", "event: change\ndata: \n\n"]


def test_it_says_first_when_to_come_again() -> None:
    assert heard(["1"], gone_after=0) == ["retry: 3000\n\n"]
