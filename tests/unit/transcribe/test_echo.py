"""An echo of the other side is dropped; the same words said aloud are not."""

from services.transcribe.domain.echo import without_echo
from services.transcribe.domain.transcript import Word

RATE = 20


def words(text: str, start: int) -> tuple[Word, ...]:
    return tuple(Word(word, start + i * 300, start + i * 300 + 300) for i, word in enumerate(text.split()))


SAID = words("мы привезём завтра утром", 0)
LOUD, QUIET = [-18] * 200, [-45] * 200


def test_quiet_copies_a_moment_later_are_an_echo() -> None:
    own = words("Мы привезём завтра утром.", 200)
    assert without_echo(own, SAID, QUIET, LOUD, RATE) == ()


def test_equally_loud_copies_are_an_answer() -> None:
    own = words("Мы привезём завтра утром.", 200)
    assert without_echo(own, SAID, LOUD, LOUD, RATE) == own


def test_much_later_copies_are_an_answer() -> None:
    own = words("завтра утром", 2000)
    assert without_echo(own, SAID, QUIET, LOUD, RATE) == own


def test_one_equal_word_is_left() -> None:
    own = words("утром", 1000)
    assert without_echo(own, SAID, QUIET, LOUD, RATE) == own


def test_words_of_ones_own_between_echoes_stay() -> None:
    own = (*words("мы привезём", 200), *words("нет", 900), *words("хорошо", 5000))
    assert without_echo(own, SAID, QUIET, LOUD, RATE) == own[2:]
