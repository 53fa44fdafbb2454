"""News for open pages: one line whenever something changed, over server-sent events; the page asks for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi import Request
from fastapi.responses import StreamingResponse

from services.review.web.pages.routing import HouseDep, pages_router
from services.review.web.security import ViewerDep

router = pages_router()
LOOK_EVERY_SECONDS = 2.0
SAY_ALIVE_EVERY = 10
LONGEST_SECONDS = 600


async def news(
    look: Callable[[], str], gone: Callable[[], object], seconds: float, seen: str | None = None
) -> AsyncIterator[str]:
    """A `change` event when the mark that `look` gives is another one; a comment now and then keeps proxies awake.

    `seen` is the mark of the moment when the page was made: what changed before the page could listen is told too.
    """
    if seen is None:
        seen = await asyncio.to_thread(look)
    yield "retry: 3000\n\n"
    for turn in range(int(LONGEST_SECONDS / seconds)):
        await asyncio.sleep(seconds)
        if gone():
            return
        mark = await asyncio.to_thread(look)
        if mark != seen:
            seen = mark
            yield "event: change\ndata: \n\n"
        elif turn % SAY_ALIVE_EVERY == 0:
            yield ": here\n\n"


@router.get("/live")
async def live(request: Request, house: HouseDep, viewer: ViewerDep, seen: str | None = None) -> StreamingResponse:
    """Stays open for ten minutes, then the browser asks again. It tells that there is news, never what."""
    del viewer
    return StreamingResponse(
        news(house.shelf.pulse, house.closing, LOOK_EVERY_SECONDS, seen),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
