"""Arithmetic on stretches of time: union, total, common part, gaps."""

from collections.abc import Iterable, Sequence

from services.transcribe.domain.transcript import Interval


def union(intervals: Iterable[Interval], join_ms: int = 0) -> tuple[Interval, ...]:
    """The stretches in order without overlaps; those less than `join_ms` apart become one."""
    joined: list[Interval] = []
    for interval in sorted(intervals, key=lambda each: (each.start_ms, each.end_ms)):
        if interval.length_ms <= 0:
            continue
        if joined and interval.start_ms <= joined[-1].end_ms + join_ms:
            joined[-1] = Interval(joined[-1].start_ms, max(joined[-1].end_ms, interval.end_ms))
        else:
            joined.append(interval)
    return tuple(joined)


def total_ms(intervals: Iterable[Interval]) -> int:
    """Milliseconds covered, overlaps counted once."""
    return sum(interval.length_ms for interval in union(intervals))


def common(first: Sequence[Interval], second: Sequence[Interval]) -> tuple[Interval, ...]:
    """Where both are."""
    both: list[Interval] = []
    left, right = union(first), union(second)
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start_ms, right[j].start_ms), min(left[i].end_ms, right[j].end_ms)
        if start < end:
            both.append(Interval(start, end))
        if left[i].end_ms <= right[j].end_ms:
            i += 1
        else:
            j += 1
    return tuple(both)


def gaps(intervals: Iterable[Interval], within: Interval) -> tuple[Interval, ...]:
    """The stretches of `within` that no interval covers."""
    free: list[Interval] = []
    clock = within.start_ms
    for interval in union(intervals):
        if interval.start_ms > clock:
            free.append(Interval(clock, min(interval.start_ms, within.end_ms)))
        clock = max(clock, interval.end_ms)
    if clock < within.end_ms:
        free.append(Interval(clock, within.end_ms))
    return tuple(gap for gap in free if gap.length_ms > 0)


def padded(intervals: Sequence[Interval], pad_ms: int, within: Interval) -> tuple[Interval, ...]:
    """Each stretch with up to `pad_ms` on both sides, never into its neighbour's share nor out of `within`."""
    wide: list[Interval] = []
    for index, interval in enumerate(intervals):
        before = intervals[index - 1].end_ms if index else None
        after = intervals[index + 1].start_ms if index + 1 < len(intervals) else None
        left = interval.start_ms - pad_ms
        right = interval.end_ms + pad_ms
        if before is not None:
            left = max(left, interval.start_ms - (interval.start_ms - before) // 2)
        if after is not None:
            right = min(right, interval.end_ms + (after - interval.end_ms) // 2)
        wide.append(Interval(max(left, within.start_ms), min(right, within.end_ms)))
    return tuple(wide)
