"""Times lead back from the joined speech to the recording; stretches are padded and divided into portions."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcribe.domain.intervals import common, gaps, padded, total_ms, union
from services.transcribe.domain.timeline import Timeline, in_portions
from services.transcribe.domain.transcript import Interval, Word

PIECES = (Interval(1000, 2000), Interval(5000, 7000))


@pytest.mark.parametrize(
    ("start", "end", "back"),
    [
        (0, 300, (1000, 1300)),
        (880, 1100, (1880, 2000)),  # a late end of the last word stays in its piece
        (600, 1400, (5000, 5400)),  # reaches far into the second piece: begins there
        (1000, 1500, (5000, 5500)),
        (2800, 3200, (6800, 7000)),  # beyond the end
    ],
)
def test_words_return_to_their_piece(start: int, end: int, back: tuple[int, int]) -> None:
    word = Timeline.of(PIECES).word(Word("да", start, end, 0.5))
    assert (word.start_ms, word.end_ms) == back


def test_moments_and_length() -> None:
    timeline = Timeline.of(PIECES)
    assert timeline.length_ms == 3000
    assert [timeline.moment(at) for at in (0, 999, 1000, 2999)] == [1000, 1999, 5000, 6999]


def test_windows_end_between_pieces_where_they_can() -> None:
    pieces = (Interval(0, 400), Interval(500, 900), Interval(1000, 3500))
    assert Timeline.of(pieces).windows(1000) == ((0, 800), (800, 1800), (1800, 2800), (2800, 3300))
    assert Timeline.of(pieces).windows(5000) == ((0, 3300),)


def test_portions_hold_whole_pieces_and_cut_only_what_is_too_long() -> None:
    pieces = (Interval(0, 400), Interval(500, 900), Interval(1000, 3500))
    assert in_portions(pieces, 1000) == (
        (Interval(0, 400), Interval(500, 900)),
        (Interval(1000, 2000),),
        (Interval(2000, 3000),),
        (Interval(3000, 3500),),
    )
    assert in_portions((), 1000) == ()


def test_padding_stays_out_of_the_neighbours_share_and_inside_the_recording() -> None:
    speech = (Interval(100, 1000), Interval(1400, 2000), Interval(5000, 5990))
    assert padded(speech, 250, Interval(0, 6000)) == (Interval(0, 1200), Interval(1200, 2250), Interval(4750, 6000))


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ([Interval(0, 10)], [Interval(10, 20)], ()),
        ([Interval(0, 10), Interval(20, 30)], [Interval(5, 25)], (Interval(5, 10), Interval(20, 25))),
        ([], [Interval(5, 25)], ()),
    ],
)
def test_common(first: list[Interval], second: list[Interval], both: tuple[Interval, ...]) -> None:
    assert common(first, second) == both


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda pair: Interval(min(pair), max(pair)))))
def test_what_is_covered_and_what_is_free_make_the_whole(intervals: list[Interval]) -> None:
    whole = Interval(0, 500)
    assert total_ms(intervals) + total_ms(gaps(intervals, whole)) == 500
    joined = union(intervals)
    assert all(left.end_ms < right.start_ms for left, right in pairwise(joined))
