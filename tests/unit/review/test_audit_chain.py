"""Whatever is done to a row of the audit log, the chain names that row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.review.domain.audit import (
    EMPTY_HEAD,
    FIRST_HASH,
    AuditEntry,
    ChainedEntry,
    ChainFault,
    ChainHead,
    Tampering,
    entry_hash,
    faults,
)

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LENGTH = 7


def entry(seq: int, **changes: object) -> AuditEntry:
    row = AuditEntry(
        seq=seq,
        at=START + timedelta(seconds=seq),
        actor_id="olga",
        actor_role="controller",
        action="call.evaluate",
        object_kind="call",
        object_id=f"call-{seq}",
        before='{"cqr": "60"}',
        after='{"cqr": "80"}',
        why="услышала сама",
        request_id=f"r{seq}",
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def chain(entries: list[AuditEntry], previous: str = FIRST_HASH) -> list[ChainedEntry]:
    rows = []
    for each in entries:
        rows.append(ChainedEntry(each, previous, entry_hash(previous, each)))
        previous = rows[-1].hash
    return rows


ROWS = chain([entry(seq) for seq in range(1, LENGTH + 1)])
HEAD = ChainHead(LENGTH, ROWS[-1].hash)


def test_a_whole_chain_has_no_faults() -> None:
    assert faults(ROWS, HEAD) == ()
    assert faults([], EMPTY_HEAD) == ()


@pytest.mark.parametrize("at", range(LENGTH))
@pytest.mark.parametrize(
    "changes",
    [
        {"after": '{"cqr": "90"}'},
        {"before": None},
        {"actor_id": "pavel"},
        {"actor_role": "head"},
        {"action": "call.appeal"},
        {"object_kind": "task"},
        {"object_id": "another"},
        {"why": None},
        {"request_id": None},
        {"at": START},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_edit_is_named(at: int, changes: dict[str, object]) -> None:
    rows = list(ROWS)
    rows[at] = replace(rows[at], entry=replace(rows[at].entry, **changes))  # type: ignore[arg-type]
    assert faults(rows, HEAD) == (ChainFault(at + 1, Tampering.CHANGED),)


@pytest.mark.parametrize("at", range(LENGTH))
def test_an_edit_with_a_new_hash_is_named(at: int) -> None:
    rows = list(ROWS)
    changed = replace(rows[at].entry, after='{"cqr": "100"}')
    rows[at] = ChainedEntry(changed, rows[at].previous_hash, entry_hash(rows[at].previous_hash, changed))
    assert faults(rows, HEAD) == (ChainFault(at + 1, Tampering.REWRITTEN),)


@pytest.mark.parametrize("at", range(LENGTH))
def test_a_removed_row_is_named(at: int) -> None:
    rows = ROWS[:at] + ROWS[at + 1 :]
    kind = Tampering.CUT_OFF if at == LENGTH - 1 else Tampering.MISSING
    assert faults(rows, HEAD) == (ChainFault(at + 1, kind),)


@pytest.mark.parametrize("at", range(LENGTH - 1))
def test_two_rows_that_changed_places_are_both_named(at: int) -> None:
    rows = list(ROWS)
    one, two = rows[at], rows[at + 1]
    rows[at] = ChainedEntry(replace(two.entry, seq=at + 1), two.previous_hash, two.hash)
    rows[at + 1] = ChainedEntry(replace(one.entry, seq=at + 2), one.previous_hash, one.hash)
    assert {at + 1, at + 2} <= {fault.seq for fault in faults(rows, HEAD)}


def test_a_row_put_behind_the_end_is_named() -> None:
    extra = chain([entry(LENGTH + 1)], ROWS[-1].hash)
    assert faults([*ROWS, *extra], HEAD) == (ChainFault(LENGTH + 1, Tampering.INSERTED),)


def test_a_row_put_before_the_beginning_is_named() -> None:
    assert faults([*chain([entry(0)]), *ROWS], HEAD) == (ChainFault(0, Tampering.INSERTED),)


def test_a_tail_cut_off_is_named_row_by_row() -> None:
    assert faults(ROWS[:4], HEAD) == tuple(ChainFault(seq, Tampering.CUT_OFF) for seq in (5, 6, 7))


def test_a_chain_written_anew_fails_against_a_head_kept_elsewhere() -> None:
    forged = chain([entry(seq, actor_id="pavel") for seq in range(1, LENGTH + 1)])
    own_head = ChainHead(LENGTH, forged[-1].hash)
    assert faults(forged, own_head) == ()
    assert faults(forged, own_head, [ChainHead(4, ROWS[3].hash)]) == (ChainFault(4, Tampering.REWRITTEN),)


def test_microseconds_count() -> None:
    moved = replace(ROWS[2], entry=replace(ROWS[2].entry, at=ROWS[2].entry.at + timedelta(microseconds=1)))
    assert faults([*ROWS[:2], moved, *ROWS[3:]], HEAD) == (ChainFault(3, Tampering.CHANGED),)
