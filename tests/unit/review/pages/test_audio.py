"""Ranges of a recording as browsers ask for them."""

from __future__ import annotations

import pytest

from services.review.web.pages.audio import asked_range, is_start, media_type


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", (0, 1000)),
        ("bytes=0-99", (0, 100)),
        ("bytes=900-2000", (900, 1000)),
        ("bytes=-10", (990, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("bytes=999-999", (999, 1000)),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
    ],
)
def test_range(header: str | None, part: tuple[int, int] | None) -> None:
    assert asked_range(header, 1000) == part


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5-4", "bytes=-0"])
def test_a_range_outside_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match="no such range"):
        asked_range(header, 1000)


@pytest.mark.parametrize(("header", "starts"), [(None, True), ("bytes=0-", True), ("bytes=4096-", False)])
def test_only_the_beginning_is_noted_as_a_play(header: str | None, starts: bool) -> None:
    assert is_start(header) is starts


@pytest.mark.parametrize(
    ("key", "head", "kind"),
    [
        ("a", b"RIFF....WAVE", "audio/wav"),
        ("a.mp3", b"OggS", "audio/ogg"),
        ("a.mp3", b"\x00", "audio/mpeg"),
        ("a.html", b"<html>", "application/octet-stream"),
    ],
)
def test_a_recording_is_never_sent_as_a_page(key: str, head: bytes, kind: str) -> None:
    assert media_type(key, head) == kind
