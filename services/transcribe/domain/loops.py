"""Guards against what Whisper writes when it hears nothing: repetition loops and the subtitles it was trained on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_PERIOD = 12
# copies in a row that people still say («да-да-да»); more of them is a loop
COPIES_ALLOWED = {1: 4, 2: 3}
COPIES_ALLOWED_OF_LONGER = 2

CREDITS = re.compile(
    r"(редактор|корректор|создавал|сделал|подогнал|добавил)\w*\s+субтитр|субтитр\w*\s+(созда|сдела|подогна|добави|от\b)"
    r"|редактор\s+субтитров|корректор\s+[а-яё]\.|dimatorzok|amara\.org|продолжение\s+следует"
    r"|спасибо\s+за\s+просмотр|подпис\w+\s+на\s+(мой\s+|наш\s+)?канал|ставьте\s+лайк"
    r"|subtitles\s+by|thanks?\s+for\s+watching",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Loop:
    """Words `start` … `end` (indices, half-open) repeat the `period` words before them."""

    start: int
    end: int
    period: int


def find_loops(words: Sequence[str]) -> tuple[Loop, ...]:
    """The superfluous copies in a list of comparable words (see `bare`), in order; the first copy is not among them."""
    loops: list[Loop] = []
    index = 0
    while index < len(words):
        loop = _loop_at(words, index)
        if loop is None:
            index += 1
        else:
            loops.append(loop)
            index = loop.end
    return tuple(loops)


def _loop_at(words: Sequence[str], index: int) -> Loop | None:
    for period in range(1, LONGEST_PERIOD + 1):
        end = index + period
        while end < len(words) and words[end] == words[end - period]:
            end += 1
        copies = (end - index) // period
        if copies > COPIES_ALLOWED.get(period, COPIES_ALLOWED_OF_LONGER):
            return Loop(index + period, index + copies * period, period)
    return None


def is_credit(text: str) -> bool:
    """Whether the text is a subtitle credit or a video's farewell, which nobody says in a sales call."""
    return CREDITS.search(text) is not None
