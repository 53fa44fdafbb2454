"""Fetches from foreign hosts: connects only to addresses it has checked, follows nothing, stops at every limit."""

from __future__ import annotations

import hashlib
import socket
import ssl
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpcore

from services.ingest.domain.address import Forbidden, Link, LinkRules, checked_link, reachable

Resolver = Callable[[str, int], list[str]]
CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one download may take. `bytes` counts what is stored (after decompression) and what comes over the wire."""

    bytes: int = 128 * 2**20
    seconds: float = 180.0
    connect_seconds: float = 5.0
    silence_seconds: float = 15.0
    small_answer_bytes: int = 64 * 1024


class Broken(Exception):
    """A download came to nothing; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answered:
    """Status and headers (lower-case names) of an answer."""

    status: int
    headers: Mapping[str, str]


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted({str(item[4][0]) for item in found})


class TimedStream(httpcore.NetworkStream):
    """A connection that has a last moment, however slowly the other side keeps it alive."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def _left(self, timeout: float | None) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Broken("too_slow")
        return left if timeout is None else min(timeout, left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Bytes that have come, at most so many."""
        return self._stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends all of them."""
        self._stream.write(buffer, self._left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted; the certificate is held against the host's name, not its address."""
        secure = self._stream.start_tls(ssl_context, server_hostname, self._left(timeout))
        return TimedStream(secure, self._until)

    def close(self) -> None:
        """Hangs up."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """What the transport knows."""
        return self._stream.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections to the very addresses that were checked, so that a name cannot change its mind in between."""

    def __init__(self, rules: LinkRules, resolver: Resolver, until: float) -> None:
        self._until = until
        self._rules = rules
        self._resolver = resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Every address of the name must be allowed; one that is not makes the whole name suspect."""
        try:
            addresses = self._resolver(host, port)
        except OSError as error:
            raise Broken("host_unknown") from error
        if not addresses:
            raise Broken("host_unknown")
        if not all(reachable(address, self._rules) for address in addresses):
            raise Forbidden("address_not_allowed")
        stream = self._sockets.connect_tcp(addresses[0], port, timeout, local_address, socket_options)
        return TimedStream(stream, self._until)


class Downloader:
    """One request at a time, no cookies, no proxies from the environment, no redirects."""

    def __init__(self, limits: Limits, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None) -> None:
        self.limits = limits
        self._resolver = resolver
        self._tls = tls or ssl.create_default_context()

    def get_file(self, url: str, rules: LinkRules, into: IO[bytes]) -> Answered:
        """Writes the body of a 200 answer into a file. Raises Forbidden, Broken; other statuses are given back."""
        with self._answer("GET", checked_link(url, rules), rules, {}, None) as (answered, parts):
            if answered.status == 200:
                for part in parts:
                    into.write(part)
            return answered

    def post(self, url: str, rules: LinkRules, headers: Mapping[str, str], body: bytes) -> tuple[Answered, bytes]:
        """A small request with a small answer (cut at 64 KiB). Raises Forbidden, Broken."""
        with self._answer("POST", checked_link(url, rules), rules, headers, body) as (answered, parts):
            said = b""
            for part in parts:
                said += part
                if len(said) > self.limits.small_answer_bytes:
                    break
            return answered, said[: self.limits.small_answer_bytes]

    @contextmanager
    def _answer(
        self, method: str, link: Link, rules: LinkRules, headers: Mapping[str, str], body: bytes | None
    ) -> Iterator[tuple[Answered, Iterator[bytes]]]:
        until = time.monotonic() + self.limits.seconds
        silence = self.limits.silence_seconds
        waits = {"connect": self.limits.connect_seconds, "read": silence, "write": silence, "pool": 1.0}
        ours = {"Host": link.authority, "Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "otzvuk"}
        sent = [(name.encode("ascii"), value.encode("ascii")) for name, value in {**ours, **headers}.items()]
        url = httpcore.URL(scheme=link.scheme, host=link.host, port=link.port, target=link.target)
        backend = CheckedBackend(rules, self._resolver, until)
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._tls, network_backend=backend, max_connections=1) as pool,
                pool.stream(method, url, headers=sent, content=body, extensions={"timeout": waits}) as response,
            ):
                answered = Answered(response.status, _lower(response.headers))
                yield answered, self._parts(response, answered)
        except httpcore.TimeoutException as error:
            raise Broken("too_slow") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, ssl.SSLError, OSError) as error:
            raise Broken("connection_failed") from error

    def _parts(self, response: httpcore.Response, answered: Answered) -> Iterator[bytes]:
        """The body, unpacked, until a limit is reached."""
        unpack = _unpacker(answered.headers.get("content-encoding", "identity").strip().lower())
        announced = answered.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self.limits.bytes:
            raise Broken("too_large")
        wire = stored = 0
        for chunk in response.iter_stream():
            wire += len(chunk)
            if wire > self.limits.bytes:
                raise Broken("too_large")
            for part in unpack(chunk):
                stored += len(part)
                if stored > self.limits.bytes:
                    raise Broken("too_large")
                yield part


def _lower(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _unpacker(encoding: str) -> Callable[[bytes], Iterator[bytes]]:
    """We ask for no compression; a host that compresses all the same is unpacked in small steps."""
    if encoding in ("", "identity"):
        return lambda chunk: iter((chunk,))
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Broken("unknown_encoding")
    inflater = zlib.decompressobj(wbits=47 if encoding != "deflate" else 15)

    def unpack(chunk: bytes) -> Iterator[bytes]:
        rest = chunk
        while rest:
            try:
                part = inflater.decompress(rest, CHUNK)
            except zlib.error as error:
                raise Broken("encoding_broken") from error
            if part:
                yield part
            rest = inflater.unconsumed_tail
            if inflater.eof:
                return

    return unpack


@dataclass(frozen=True, slots=True)
class Measured:
    """A downloaded file's hash and length."""

    sha256: str
    size_bytes: int


@contextmanager
def spool(folder: Path) -> Iterator[IO[bytes]]:
    """A file that is gone afterwards, whatever happens (it has no name where the system allows that)."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder, prefix="download-") as file:
        yield file


def measured(file: IO[bytes]) -> Measured:
    """Hash and length of what was written."""
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return Measured(digest.hexdigest(), size)
