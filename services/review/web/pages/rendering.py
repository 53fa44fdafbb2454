"""Makes a page of a template and plain values: the one place where templates, words, formats and assets meet."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from services.review.web.pages.assets import Assets
from services.review.web.pages.wording import Wording
from services.review.web.pages.words import Words

WORTH_ZIPPING = 1400


@dataclass(frozen=True)
class Reader:
    """For whom a page is made: his name and role, language, zone, theme (`auto`, `light`, `dark`)."""

    name: str
    role: str
    language: str = "ru"
    zone: str = "Europe/Moscow"
    theme: str = "auto"


@dataclass(frozen=True)
class Link:
    """A word of the page's main menu; `count` stands beside it, red when urgent."""

    href: str
    name: str
    here: bool = False
    count: int = 0
    urgent: bool = False


@dataclass(frozen=True)
class Flash:
    """One sentence that says what has just happened, with at most one thing to do about it."""

    text: str
    tone: str = "good"
    href: str | None = None
    action: str | None = None


class Renderer:
    """Templates with everything they may ask for. They escape by default and fail on a name that is not there."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self.environment = Environment(
            loader=PackageLoader("services.review.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals["asset"] = assets.address

    def html(
        self,
        template: str,
        *,
        reader: Reader | None,
        now: datetime,
        words: Words,
        links: Sequence[Link] = (),
        theme: str = "auto",
        **values: object,
    ) -> str:
        """The page as text. Without a reader (log-in, errors) the theme is given."""
        say = Wording(words, reader.zone if reader else "Europe/Moscow", now)
        context: dict[str, object] = {
            "words": words,
            "say": say,
            "viewer": reader,
            "theme": reader.theme if reader else theme,
            "links": links,
            "now": now,
            "flashes": (),
            "csrf_token": "",
            "style_nonce": "",
            "here": "/",
            **values,
        }
        return self.environment.get_template(template).render(context)


def data_island(value: Mapping[str, object]) -> Markup:
    """JSON that can stand inside a script element of type application/json without ending it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))  # noqa: S704


def page_response(request: Request, html: str, status: int = 200) -> HTMLResponse:
    """The page as a response, compressed where the browser takes it; never kept by caches, since it is personal."""
    body = html.encode()
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(body) > WORTH_ZIPPING and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5)
        headers["Content-Encoding"] = "gzip"
    return HTMLResponse(body, status_code=status, headers=headers)
