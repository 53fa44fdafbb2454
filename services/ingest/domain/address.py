"""Where a recording may be fetched from: which links and which addresses, decided without asking the network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST_URL = 4000
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\uffff\\]")

# networks that lead to IPv4 addresses hidden in IPv6 ones; `is_global` says yes to them
_TUNNELS = tuple(IPv6Network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))


class Forbidden(ValueError):
    """This link may not be fetched. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class LinkRules:
    """`hosts`: names allowed, `.example.com` for all below one; `networks`: of a PBX in the firm's own network.

    `http`, `ports`: for a PBX without TLS; `loopback`: for demo and tests only.
    """

    hosts: tuple[str, ...]
    http: bool = False
    loopback: bool = False
    ports: tuple[int, ...] = ()
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A checked link, in parts; `target` is path and query as sent."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """For the Host header."""
        usual = {"https": 443, "http": 80}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == usual else f"{host}:{self.port}"


def checked_link(url: str, rules: LinkRules) -> Link:
    """The link in parts. Raises Forbidden: schemes, user names, odd spellings, ports, hosts that are not allowed."""
    if len(url) > LONGEST_URL:
        raise Forbidden("link_too_long")
    if _FORBIDDEN.search(url):
        raise Forbidden("link_malformed")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("link_malformed") from error
    if parts.scheme not in (("https", "http") if rules.http else ("https",)):
        raise Forbidden("link_scheme")
    if "@" in parts.netloc:
        raise Forbidden("link_with_user")
    host = (parts.hostname or "").lower()
    if not allowed_host(host, rules.hosts):
        raise Forbidden("host_not_allowed")
    port = {"https": 443, "http": 80}[parts.scheme] if port is None else port
    if port not in (443, 80, *rules.ports) and not (rules.loopback and _is_loopback_name(host)):
        raise Forbidden("port_not_allowed")
    if port == 0 or (port == 80 and parts.scheme == "https") or (port == 443 and parts.scheme == "http"):
        raise Forbidden("port_not_allowed")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Link(parts.scheme, host, port, target)


def allowed_host(host: str, hosts: Sequence[str]) -> bool:
    """Whether a name is on the list. An address is allowed only when exactly that spelling is listed."""
    if host in hosts and not host.startswith("."):
        return True
    if not _HOST.fullmatch(host) or _looks_like_address(host):
        return False
    return any(entry.startswith(".") and host.endswith(entry) and len(host) > len(entry) for entry in hosts)


def _looks_like_address(host: str) -> bool:
    """`127.1`, `0x7f.1` and `2130706433` are addresses to the resolver: a last part of digits is never a name."""
    last = host.rsplit(".", 1)[-1]
    return last.isdigit() or last.startswith("0x")


def _is_loopback_name(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def reachable(address: str, rules: LinkRules) -> bool:
    """Whether a connection to this resolved address may be made: public unicast only, all else by explicit setting."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return False
        if parsed.scope_id or (not parsed.is_loopback and any(parsed in tunnel for tunnel in _TUNNELS)):
            return False
    if parsed.is_loopback:
        return rules.loopback and str(parsed) in ("127.0.0.1", "::1")
    return _is_public(parsed) or any(parsed in ip_network(network) for network in rules.networks)


def _is_public(parsed: IPv4Address | IPv6Address) -> bool:
    if parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified or parsed.is_link_local:
        return False
    # protocol assignments and the old 6to4 relays, which `is_global` lets through
    odd = isinstance(parsed, IPv4Address) and str(parsed).startswith(("192.0.0.", "192.88.99."))
    return parsed.is_global and not odd
