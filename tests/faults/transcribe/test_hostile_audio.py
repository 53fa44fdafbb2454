"""Hostile files: each ends in a named state within bounds, nothing is fetched, and the next good file is decoded."""

import gzip
import io
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest

from services.runtime.children import ChildDied
from services.transcribe.adapters.decoder import ChildDecoder
from services.transcribe.domain.outcome import FailureReason
from services.transcribe.domain.sound import Limits
from services.transcribe.domain.verdicts import CannotHear
from tests.sounds import encoded, silence, tone, wav, wav_claiming

LIMIT_SECONDS = 600
GOOD = wav(tone(1))
noise = Random(7).randbytes  # the same on every run


class Canary:
    """A web server that nobody may ask."""

    def __init__(self) -> None:
        hits: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(GOOD)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self.hits = hits
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.server.shutdown()
    canary.server.server_close()


@pytest.fixture(scope="module")
def decoder() -> Iterator[ChildDecoder]:
    decoder = ChildDecoder(Limits(bytes=30 * 2**20, seconds=LIMIT_SECONDS))
    decoder.start()
    yield decoder
    decoder.close()


def verdict(decoder: ChildDecoder, data: bytes) -> FailureReason:
    with pytest.raises(CannotHear) as refused, decoder.decode(data):
        pass
    assert "\n" not in refused.value.detail
    return refused.value.reason


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("call.wav", GOOD)
    return target.getvalue()


def id3(size: int) -> bytes:
    seven = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + seven


BROKEN, UNSUPPORTED = FailureReason.BROKEN_AUDIO, FailureReason.UNSUPPORTED_FORMAT
FILES: dict[str, tuple[bytes, FailureReason]] = {
    "empty": (b"", BROKEN),
    "one byte": (b"\0", BROKEN),
    "a text": ("Здесь нет звука, только текст.\n".encode() * 50, BROKEN),
    "a page with an error": (b"<html><body>502 Bad Gateway</body></html>", BROKEN),
    "an XML document": (b'<?xml version="1.0"?><smil/>', UNSUPPORTED),
    "an archive": (zipped(), UNSUPPORTED),
    "gzip of a recording": (gzip.compress(GOOD), UNSUPPORTED),
    "a program": (b"MZ" + noise(2000), UNSUPPORTED),
    "a picture": (b"\x89PNG\r\n\x1a\n" + noise(500), UNSUPPORTED),
    "RIFF that is no WAVE": (b"RIFF\x24\x00\x00\x00AVI LIST" + bytes(100), BROKEN),
    "a bare WAV header": (wav(silence(0)), BROKEN),
    "half a WAV header": (GOOD[:20], BROKEN),
    "an ID3 tag of 256 MB": (id3(2**28 - 1) + bytes(5000), BROKEN),
    "an ID3 tag and nothing": (id3(0), BROKEN),
    "FLAC that is noise": (b"fLaC" + noise(20_000), BROKEN),
    "Ogg that is noise": (b"OggS" + noise(20_000), BROKEN),
    "MP4 that is noise": (b"\0\0\0\x18ftypM4A " + noise(20_000), BROKEN),
    "Matroska that is noise": (b"\x1a\x45\xdf\xa3" + noise(20_000), BROKEN),
    "AMR that is noise": (b"#!AMR\n" + noise(20_000), BROKEN),
    "64 channels": (wav_claiming(tone(1), data_bytes=16_000, channels=64, rate=8000), FailureReason.TOO_MANY_CHANNELS),
    "5.1": (wav_claiming(tone(1), data_bytes=16_000, channels=6, rate=8000), FailureReason.TOO_MANY_CHANNELS),
    "no channel": (wav_claiming(tone(1), data_bytes=16_000, channels=0, rate=8000), BROKEN),
    "768 kHz": (wav_claiming(tone(1), data_bytes=16_000, channels=1, rate=768_000), UNSUPPORTED),
    "a rate of 0": (wav_claiming(tone(1), data_bytes=16_000, channels=1, rate=0), BROKEN),
    "31 MiB": (GOOD + bytes(31 * 2**20), FailureReason.TOO_LONG),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_has_a_named_end(decoder: ChildDecoder, name: str) -> None:
    data, expected = FILES[name]
    began = time.monotonic()
    assert verdict(decoder, data) is expected
    assert time.monotonic() - began < 90
    with decoder.decode(GOOD) as decoded:
        assert decoded.sound.duration_ms == 1000


@pytest.mark.parametrize(
    "form",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}/seg.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{url}/a.wav'\n",
        "ffconcat version 1.0\nfile '/etc/passwd'\n",
        "\ufeff#EXTM3U\n{url}/call.mp3\n",
        "[playlist]\nFile1={url}/call.mp3\n",
        "{url}/call.mp3\n",
        "<smil><body><audio src='{url}/call.mp3'/></body></smil>",
    ],
)
def test_a_list_of_addresses_is_never_followed(decoder: ChildDecoder, canary: Canary, form: str) -> None:
    assert verdict(decoder, form.format(url=canary.url).encode()) in (UNSUPPORTED, BROKEN)
    assert canary.hits == []


def test_an_mp4_that_points_elsewhere_is_not_followed(decoder: ChildDecoder, canary: Canary) -> None:
    reference = f"{canary.url}/media.mp4".encode()
    box = struct.pack(">I4sI", 12 + len(reference), b"url ", 0) + reference
    assert verdict(decoder, b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + box) is BROKEN
    assert canary.hits == []


def test_a_header_that_claims_4_gib_gives_only_what_is_there(decoder: ChildDecoder) -> None:
    with decoder.decode(wav_claiming(tone(2), data_bytes=2**32 - 1, channels=1, rate=8000)) as decoded:
        assert decoded.sound.duration_ms == 2000


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize(("container", "codec"), [("mp3", "libmp3lame"), ("flac", "flac"), ("ogg", "libopus")])
def test_a_file_that_breaks_off_gives_what_came_before(
    decoder: ChildDecoder, container: str, codec: str, share: float
) -> None:
    whole = encoded(tone(10), container, codec)
    with decoder.decode(whole[: int(len(whole) * share)]) as decoded:
        assert 0 < decoded.sound.duration_ms < 10_100


def test_noise_within_a_file_is_passed_over(decoder: ChildDecoder) -> None:
    whole = bytearray(encoded(tone(10), "mp3", "libmp3lame"))
    whole[len(whole) // 2 : len(whole) // 2 + 500] = noise(500)
    with decoder.decode(bytes(whole)) as decoded:
        assert decoded.sound.duration_ms > 8000


@pytest.mark.parametrize(("container", "codec", "rate"), [("flac", "flac", 8000), ("ogg", "libopus", 8000)])
def test_a_bomb_of_silence_is_cut_at_the_limit(
    decoder: ChildDecoder, container: str, codec: str, rate: int, tmp_path: Path
) -> None:
    bomb = encoded(silence(LIMIT_SECONDS * 4, rate), container, codec, rate)
    assert len(bomb) < 4 * 2**20
    began = time.monotonic()
    assert verdict(decoder, bomb) is FailureReason.TOO_LONG
    assert time.monotonic() - began < 90


def test_nothing_is_left_on_disk(tmp_path: Path) -> None:
    decoder = ChildDecoder(Limits(seconds=5), tmp_path)
    assert verdict(decoder, wav(silence(6))) is FailureReason.TOO_LONG
    decoder.close()
    assert list(tmp_path.iterdir()) == []


class Greedy:
    """Behaves like a decoder with a hole in it."""

    def decode(self, data: bytes, target: str) -> None:
        bytearray(64 * 2**30)


def make_greedy(limits: Limits) -> Greedy:
    """A child with the real limits and a decoder that wants 64 GiB."""
    from services.transcribe.adapters.decoding import make_decoder

    make_decoder(limits)
    return Greedy()


def test_the_process_may_not_take_all_memory() -> None:
    from services.runtime.children import Child

    child = Child(f"{__name__}:make_greedy", {"limits": Limits()})
    with pytest.raises((MemoryError, ChildDied)):
        child.call("decode", b"", "", timeout_seconds=30)
    child.close()
