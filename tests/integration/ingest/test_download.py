"""Recordings are fetched from where they may be fetched, within every limit, and stored whole or not at all."""

from __future__ import annotations

import hashlib
import io
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.ingest.adapters.download import Broken, Downloader, Limits, resolve
from services.ingest.adapters.fetching import RecordingShelf
from services.ingest.domain.address import Forbidden, LinkRules
from services.ingest.domain.facts import CallRef
from services.ingest.domain.recording import Fetched, NotFetched, Recording
from services.runtime.storage import ObjectStorage
from tests.fakes.hosts import AUDIO, Canary, Host, answered, bomb, endless, hosts

LOCAL = LinkRules(hosts=("127.0.0.1",), http=True, loopback=True)
# generous in time: on a busy machine a good host may take its second; only the tests of slow hosts are impatient
LIMITS = Limits(bytes=300_000, seconds=60, connect_seconds=20, silence_seconds=30)
IMPATIENT = Limits(bytes=300_000, seconds=1.5, connect_seconds=1.0, silence_seconds=0.8)
REF = CallRef("pbx", "1")
RECORDING = Recording("r1", REF, 1)


@pytest.fixture
def host() -> Iterator[Host]:
    with hosts(1) as (made,):
        yield made


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()
    yield made
    made.close()


class Place:
    """A shelf over a folder, and what lies there."""

    def __init__(self, folder: Path, downloader: Downloader | None = None) -> None:
        self.storage = ObjectStorage((folder / "storage").as_uri())
        self.spool = folder / "spool"
        self.shelf = RecordingShelf(downloader or Downloader(LIMITS), self.storage, self.spool)

    def bring(self, url: str, rules: LinkRules = LOCAL, **more: Any) -> Fetched | NotFetched:
        result = self.shelf.bring(url, rules, Recording("r1", REF, 1, **more))
        assert list(self.spool.iterdir()) == []
        stored = list(self.storage.list("recordings"))
        assert stored == ([result.key] if isinstance(result, Fetched) else [])
        return result


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_recording_is_stored_whole_under_our_own_key(host: Host, place: Place) -> None:
    host.paths["/../../x.wav?a=b"] = answered(200, AUDIO, content_type="audio/X-Wav; codecs=1")
    result = place.bring(host.url("/../../x.wav?a=b"))
    sha256 = hashlib.sha256(AUDIO).hexdigest()
    key = f"recordings/{REF.call_id[1:3]}/{REF.call_id}/r1-{sha256[:16]}"
    assert result == Fetched(key, sha256, len(AUDIO), "audio/x-wav")
    assert place.storage.get(key) == AUDIO
    (method, _, headers, _) = host.seen[0]
    assert (method, headers["host"], headers["accept-encoding"]) == ("GET", f"127.0.0.1:{host.port}", "identity")
    assert set(headers) == {"host", "accept", "accept-encoding", "user-agent"}


def test_a_packed_answer_is_unpacked(host: Host, place: Place) -> None:
    import gzip

    host.paths["/a"] = answered(200, gzip.compress(AUDIO), content_encoding="gzip")
    assert place.bring(host.url("/a")) == Fetched(
        place.bring(host.url("/a")).key,  # type: ignore[union-attr]
        hashlib.sha256(AUDIO).hexdigest(),
        len(AUDIO),
        None,
    )


@pytest.mark.parametrize(
    ("answer", "code", "final"),
    [
        (answered(404), "http_404", False),
        (answered(425), "http_425", False),
        (answered(500), "http_500", False),
        (answered(401), "http_401", True),
        (answered(410), "http_410", True),
        (answered(204), "http_204", False),
        (answered(206, AUDIO), "http_206", False),
        (answered(302, location="http://127.0.0.1:1/"), "redirect_refused", True),
        (answered(200, b""), "empty", False),
        (answered(200, AUDIO, content_length="999999999"), "too_large", True),
        (answered(200, AUDIO, content_length=str(len(AUDIO) + 5)), "connection_failed", False),
        (answered(200, AUDIO, content_encoding="br"), "unknown_encoding", False),
        (answered(200, AUDIO, content_encoding="gzip"), "encoding_broken", False),
        (answered(200, bomb(1), content_encoding="gzip"), "too_large", True),
        (answered(200, bytes(300_001)), "too_large", True),
        (endless, "too_large", True),
        (lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n\r\n"), "connection_failed", False),
        (lambda handler: None, "connection_failed", False),
    ],
    ids=[
        "not there yet", "too early", "broken", "not for us", "gone", "no content", "a part", "redirect", "empty",
        "lying length", "cut off", "unknown packing", "badly packed", "bomb", "too large", "endless",
        "not http", "hangs up",
    ],
)  # fmt: skip
def test_what_a_host_can_do_to_us(host: Host, place: Place, answer: Any, code: str, final: bool) -> None:
    host.paths["/a"] = answer
    assert place.bring(host.url("/a")) == NotFetched(code, final=final)


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"],
    ids=["status line", "headers", "body"],
)
def test_a_host_that_drips_is_left_at_the_deadline(host: Host, tmp_path: Path, first: bytes) -> None:
    host.paths["/a"] = host.dripping(first, b"x")
    assert Place(tmp_path, Downloader(IMPATIENT)).bring(host.url("/a")) == NotFetched("too_slow")


def test_a_host_that_falls_silent_is_left(host: Host, tmp_path: Path) -> None:
    host.paths["/a"] = lambda handler: host.stopping.wait(60)
    assert Place(tmp_path, Downloader(IMPATIENT)).bring(host.url("/a")) == NotFetched("too_slow")


def test_when_a_host_says_when(host: Host, place: Place) -> None:
    host.paths["/a"] = answered(429, retry_after="77")
    assert place.bring(host.url("/a")) == NotFetched("http_429", wait=timedelta(seconds=77))
    host.paths["/a"] = answered(503, retry_after="999999")
    assert place.bring(host.url("/a")) == NotFetched("http_503", wait=timedelta(hours=1))


def test_a_file_that_is_not_the_one_announced(host: Host, place: Place) -> None:
    host.paths["/a"] = answered(200, AUDIO)
    assert place.bring(host.url("/a"), wanted_sha256="0" * 64) == NotFetched("sha256_differs")
    good = place.bring(host.url("/a"), wanted_sha256=hashlib.sha256(AUDIO).hexdigest())
    assert isinstance(good, Fetched)


ALLOWED = LinkRules(hosts=("records.example", "127.0.0.1", "localhost"), http=True, ports=tuple(range(1, 65_536)))
INSIDE = [
    "127.0.0.1", "127.0.0.53", "::1", "10.0.0.7", "172.16.5.5", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1",
    "fc00::1", "224.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_followed(canary: Canary, tmp_path: Path, address: str) -> None:
    for answers in ([address], ["93.184.216.34", address], [address, "93.184.216.34"]):
        downloader = Downloader(LIMITS, resolver=lambda host, port, found=answers: found)
        with pytest.raises(Forbidden) as refused:
            downloader.get_file(f"http://records.example:{canary.port}/a", ALLOWED, io.BytesIO())
        assert refused.value.code == "address_not_allowed"
    assert canary.visits == 0


SPELLINGS = [
    "http://127.0.0.1:{p}/", "http://localhost:{p}/", "http://127.1:{p}/", "http://2130706433:{p}/", "http://0x7f000001:{p}/",
    "http://0177.0.0.1:{p}/", "http://0x7f.0.0.1:{p}/", "http://[::1]:{p}/", "http://[::ffff:127.0.0.1]:{p}/",
    "http://127.0.0.1.:{p}/", "http://LOCALHOST:{p}/", "http://localhost.:{p}/", "http://127。0。0。1:{p}/",
    "http://①②⑦.0.0.1:{p}/", "http://records.example@127.0.0.1:{p}/", "http://127.0.0.1:{p}#@records.example/",
    "http://127.0.0.1:{p}\\@records.example/", "http:///127.0.0.1:{p}/", "http:127.0.0.1:{p}/", "//127.0.0.1:{p}/",
    "http://records.example:80@127.0.0.1:{p}/", "http://0:{p}/", "http://0.0.0.0:{p}/", "http://[::]:{p}/",
    "http://[0:0:0:0:0:ffff:7f00:1]:{p}/", "ftp://127.0.0.1:{p}/", "file://127.0.0.1/etc/passwd", "gopher://127.0.0.1:{p}/_x",
    "dict://127.0.0.1:{p}/x", "jar:http://127.0.0.1:{p}/!/", "http://127.0.0.1%00.records.example:{p}/",
    "http://127.0.0.1%2f.records.example:{p}/", "http://127.0.0.1\t.records.example:{p}/", "HTTP://127.0.0.1:{p}/",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_this_machine_is_asked(canary: Canary, spelling: str) -> None:
    downloader = Downloader(LIMITS, resolver=resolve)
    with pytest.raises((Forbidden, Broken)):
        downloader.get_file(spelling.format(p=canary.port), ALLOWED, io.BytesIO())
    assert canary.visits == 0


def test_a_redirect_to_this_machine_is_not_followed(host: Host, canary: Canary, place: Place) -> None:
    for status in (301, 302, 303, 307, 308):
        host.paths["/a"] = answered(status, location=f"http://127.0.0.1:{canary.port}/")
        assert place.bring(host.url("/a")) == NotFetched("redirect_refused", final=True)
    assert canary.visits == 0


def test_a_name_that_changes_its_mind_is_asked_once(host: Host, canary: Canary, tmp_path: Path) -> None:
    """The address that was checked is the address that is connected to: there is no second look-up to deceive."""
    asked: list[str] = []

    def rebinding(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    host.paths["/a"] = answered(200, AUDIO)
    rules = LinkRules(hosts=("records.example",), http=True, loopback=True, ports=(host.port,))
    place = Place(tmp_path, Downloader(LIMITS, resolver=rebinding))
    assert isinstance(place.bring(f"http://records.example:{host.port}/a", rules), Fetched)
    assert asked == ["records.example"]
    assert host.seen[0][2]["host"] == f"records.example:{host.port}"


def test_no_proxy_of_the_environment_is_used(
    host: Host, canary: Canary, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    host.paths["/a"] = answered(200, AUDIO)
    assert isinstance(place.bring(host.url("/a")), Fetched)
    assert canary.visits == 0


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return paths


@pytest.mark.parametrize(("name", "fetched"), [("records.example", True), ("other.example", False)])
def test_the_certificate_is_held_against_the_name_though_the_address_is_dialled(
    host: Host, tmp_path: Path, name: str, fetched: bool
) -> None:
    chain, key = certificate(tmp_path, name)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    named: list[str | None] = []
    server.sni_callback = lambda _socket, told, _context: named.append(told)
    host.server.socket = server.wrap_socket(host.server.socket, server_side=True)
    host.paths["/a"] = answered(200, AUDIO)
    trusting = ssl.create_default_context(cafile=str(chain))
    downloader = Downloader(LIMITS, resolver=lambda _name, _port: ["127.0.0.1"], tls=trusting)
    rules = LinkRules(hosts=("records.example",), loopback=True, ports=(host.port,))
    result = Place(tmp_path, downloader).bring(f"https://records.example:{host.port}/a", rules)
    assert isinstance(result, Fetched) if fetched else result == NotFetched("connection_failed")
    assert named == ["records.example"]
