"""Sends a recording in ranges, so that a browser can start anywhere without loading the whole; every play is noted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from services.review.web.pages.house import Store

PIECE_BYTES = 256 * 1024
TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "m4a": "audio/mp4",
    "mp4": "audio/mp4",
    "flac": "audio/flac",
    "webm": "audio/webm",
}
MAGIC = (
    (b"RIFF", "audio/wav"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "audio/webm"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xe3", "audio/mpeg"),  # MPEG 2.5, what telephone exchanges write at 8 kHz
)


def asked_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The one range of bytes (start, end exclusive) of a Range header, None for the whole; ValueError: none such."""
    if header is None:
        return None
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip())
    if found is None or found.group(0) == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    if start >= end:
        raise ValueError("no such range")
    return start, end


def is_start(header: str | None) -> bool:
    """Whether this request begins to play (a later range continues)."""
    return header is None or header.strip().startswith("bytes=0-")


def send(request: Request, store: Store, key: str) -> Response:
    """The recording, or the part of it that was asked for; kept by the person's own browser only."""
    size = store.size(key)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": "inline",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    kind = media_type(key, store.get_range(key, 0, min(size, 16)))
    try:
        part = asked_range(request.headers.get("range"), size)
    except ValueError:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = part or (0, size)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(
        _pieces(store, key, start, end), status_code=206 if part else 200, headers=headers, media_type=kind
    )


def media_type(key: str, head: bytes) -> str:
    """By the first bytes, else by the key's ending; never something a browser would show as a page."""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    return TYPES.get(key.rpartition(".")[2].lower(), "application/octet-stream")


def _pieces(store: Store, key: str, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, PIECE_BYTES):
        yield store.get_range(key, at, min(at + PIECE_BYTES, end))
