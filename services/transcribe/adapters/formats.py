"""What a file is, by its first bytes: the name, the type that somebody sent and ffmpeg's own guess are not trusted."""

import re

from services.transcribe.domain.outcome import FailureReason
from services.transcribe.domain.verdicts import CannotHear

# what identifies another kind of file, and its name for the operator
FOREIGN = (
    (b"#EXTM3U", "a playlist"),
    (b"ffconcat", "a list of files"),
    (b"[playlist]", "a playlist"),
    (b"<?xml", "an XML document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"MThd", "a MIDI file"),
)
MP3_ID3 = b"ID3"
LONGEST_PREAMBLE = 4096  # some recorders put zeros before the first MP3 frame


def demuxer_of(data: bytes) -> str:
    """FFmpeg's name of the container, forced on it later. Raises CannotHear (unsupported_format, broken_audio)."""
    if not data:
        raise CannotHear(FailureReason.BROKEN_AUDIO, "The file is empty.")
    known = _by_magic(data)
    if known is not None:
        return known
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:64]
    for magic, what in FOREIGN:
        if start.startswith(magic):
            raise CannotHear(FailureReason.UNSUPPORTED_FORMAT, f"The file is {what}, not a recording.")
    if _mp3_frame(data.lstrip(b"\0")[:LONGEST_PREAMBLE]):
        return "mp3"
    raise CannotHear(FailureReason.BROKEN_AUDIO, "The file is no recording of a known kind.")


def _by_magic(data: bytes) -> str | None:
    head = data[:16]
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:3] == MP3_ID3:
        return _behind_id3(data)
    if head[4:8] == b"ftyp":
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:5] == b"#!AMR":
        return "amr"
    if re.match(rb"\xff[\xf0\xf1\xf8\xf9]", head):
        return "aac"
    return None


def _behind_id3(data: bytes) -> str:
    """An ID3 tag stands before MP3, sometimes before FLAC or AAC; its size is 4 × 7 bits."""
    if len(data) < 10 or any(byte > 0x7F for byte in data[6:10]):
        raise CannotHear(FailureReason.BROKEN_AUDIO, "The file's ID3 tag is broken.")
    size = (data[6] << 21) | (data[7] << 14) | (data[8] << 7) | data[9]
    behind = data[10 + size : 10 + size + 16]
    if not behind:
        raise CannotHear(FailureReason.BROKEN_AUDIO, "The file ends before its sound begins.")
    return {b"fLaC": "flac"}.get(behind[:4], "mp3")


def _mp3_frame(data: bytes) -> bool:
    """Whether an MPEG audio frame header stands at the start (sync, layer, bit rate, sampling rate all valid)."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return False
    version, layer = (data[1] >> 3) & 3, (data[1] >> 1) & 3
    bit_rate, rate = data[2] >> 4, (data[2] >> 2) & 3
    return version != 1 and layer != 0 and bit_rate not in (0, 15) and rate != 3
