"""Versions of what is changed over HTTP: `ETag` out, `If-Match` in; without it 428, with an old one 412."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from fastapi import Depends, Header

from services.runtime.errors import Refusal


class NoVersion(Refusal):
    """A change must say which version it was decided on."""

    code: ClassVar[str] = "no_version"

    def __init__(self) -> None:
        super().__init__("Say in If-Match which version you saw.")


class BadVersion(Refusal):
    """The version is not one of ours."""

    code: ClassVar[str] = "bad_version"

    def __init__(self) -> None:
        super().__init__('If-Match holds one version as it stood in ETag, like "7".')


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def expected_version(if_match: Annotated[str | None, Header(description="The ETag that was seen")] = None) -> int:
    """Dependency: the version of `If-Match`. Raises NoVersion (428), BadVersion (400)."""
    if if_match is None:
        raise NoVersion
    found = re.fullmatch(r'"?(\d{1,9})"?', if_match.strip(), re.ASCII)
    if found is None:
        raise BadVersion
    return int(found.group(1))


ExpectedVersion = Annotated[int, Depends(expected_version)]
