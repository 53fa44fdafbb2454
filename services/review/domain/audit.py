"""The chain of the audit log: each row's hash covers its content and the hash before it, so that tampering shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

FIRST_HASH = "0" * 64


@dataclass(frozen=True)
class AuditEntry:
    """One change: who, when (UTC), what, to which object, from, to, why. `before` and `after` are JSON texts."""

    seq: int
    at: datetime
    actor_id: str
    actor_role: str
    action: str
    object_kind: str
    object_id: str
    before: str | None
    after: str | None
    why: str | None
    request_id: str | None


@dataclass(frozen=True)
class ChainedEntry:
    """An entry as it stands in the log, with the two hashes that were stored with it."""

    entry: AuditEntry
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class ChainHead:
    """Where the log ends: the last number and its hash. (0, zeros) for an empty log."""

    seq: int
    hash: str


EMPTY_HEAD = ChainHead(0, FIRST_HASH)


class Tampering(StrEnum):
    """What somebody did to a row, as far as the chain can tell."""

    CHANGED = "changed"  # its content is not what was written
    REWRITTEN = "rewritten"  # content and hash fit each other, but not what the next row remembers
    MISSING = "missing"  # the number is not there
    INSERTED = "inserted"  # it stands where nothing was written
    CUT_OFF = "cut_off"  # the log ends before its head


@dataclass(frozen=True)
class ChainFault:
    """A row that was touched, by its number."""

    seq: int
    kind: Tampering


def entry_hash(previous_hash: str, entry: AuditEntry) -> str:
    """SHA-256 (hex) over the previous hash and the entry in one fixed JSON form; microseconds count."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [
        previous_hash,
        entry.seq,
        at,
        entry.actor_id,
        entry.actor_role,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.before,
        entry.after,
        entry.why,
        entry.request_id,
    ]
    return hashlib.sha256(json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def faults(rows: Iterable[ChainedEntry], head: ChainHead, known: Iterable[ChainHead] = ()) -> tuple[ChainFault, ...]:
    """Every row that was touched. Rows come by rising number.

    `head` is what the database says of the end; `known` are heads that were written down elsewhere: whoever could
    rewrite the whole chain with its hashes could not rewrite those.
    """
    found: list[ChainFault] = []
    remembered = {point.seq: point.hash for point in known}
    expected, previous = 1, FIRST_HASH
    for row in rows:
        seq = row.entry.seq
        if seq < expected:
            found.append(ChainFault(seq, Tampering.INSERTED))
            continue
        if seq > expected:
            found += [ChainFault(lost, Tampering.MISSING) for lost in range(expected, min(seq, head.seq + 1))]
            previous = row.previous_hash
        found += _faults_of_row(row, head, expected, previous, remembered)
        previous, expected = row.hash, seq + 1
    found += _faults_of_end(expected, previous, head)
    return tuple(dict.fromkeys(found))


def _faults_of_row(
    row: ChainedEntry, head: ChainHead, expected: int, previous: str, remembered: dict[int, str]
) -> list[ChainFault]:
    seq = row.entry.seq
    if seq > head.seq:
        return [ChainFault(seq, Tampering.INSERTED)]
    found = []
    if row.previous_hash != previous and seq > 1:
        found.append(ChainFault(seq - 1, Tampering.REWRITTEN))
    if entry_hash(row.previous_hash, row.entry) != row.hash or (seq == 1 and row.previous_hash != FIRST_HASH):
        found.append(ChainFault(seq, Tampering.CHANGED))
    elif remembered.get(seq, row.hash) != row.hash:
        found.append(ChainFault(seq, Tampering.REWRITTEN))
    return found


def _faults_of_end(expected: int, last_hash: str, head: ChainHead) -> list[ChainFault]:
    if expected <= head.seq:
        return [ChainFault(seq, Tampering.CUT_OFF) for seq in range(expected, head.seq + 1)]
    if expected - 1 == head.seq and head.seq > 0 and last_hash != head.hash:
        return [ChainFault(head.seq, Tampering.REWRITTEN)]
    return []
