"""How a turn sounds: marks of rudeness, pressure, vows and secrets, alone and with the client's reaction."""

import pytest

from services.score.adapters.lexicon import load_morphology
from services.score.domain.dialogue import dialogue_of
from services.score.domain.reading import read
from services.score.domain.tone import REACTIONS, TONE, TONE_WIDTH, tone_of, tone_rows

MORPHOLOGY = load_morphology()
_TOGETHER = len(TONE) + 2 * len(REACTIONS)


def reading(*turns: tuple[str, str]):
    return read(dialogue_of(turns), MORPHOLOGY)


@pytest.mark.parametrize(
    ("said", "marks"),
    [
        ("Вы читать умеете или вам картинки рисовать?", {"wits"}),
        ("Ну вы и жадина, ей-богу, нищеброд какой-то.", {"insult", "stingy"}),
        ("Дети потом вспомнят, что вы на них сэкономили.", {"kin_guilt", "regret"}),
        ("Гарантирую вам лично, не сломается никогда.", {"vow", "absolute"}),
        ("Они там все жулики, у них уголовное дело.", {"crime", "rival"}),
        ("Придёт код в сообщении, продиктуйте мне цифры.", {"code", "give_code"}),
        ("Никому не говорите код из сообщения.", {"never_code", "code"}),
    ],
)
def test_a_turn_shows_its_tone(said, marks):
    tone = tone_of(reading(("seller", said)).turns[0])
    assert {name for name in marks if tone[name] == 0} == set()


@pytest.mark.parametrize(
    "said",
    [
        "Гарантия на двери два года, установка включена.",
        "Спасибо, записала вас на среду, до встречи!",
        "Подскажите, сколько у вас комнат и какой этаж?",
    ],
)
def test_ordinary_talk_shows_none_of_the_rude_marks(said):
    tone = tone_of(reading(("seller", said)).turns[0])
    assert [n for n in ("insult", "wits", "dismiss", "contempt", "swear", "vow", "give_code") if tone[n]] == []


def test_asking_for_a_code_is_told_from_warning_of_it():
    asked, warned = tone_rows(
        reading(
            ("seller", "Сейчас придёт смс, продиктуйте мне код."),
            ("seller", "Код из смс никому не говорите."),
        )
    )
    assert (asked[_TOGETHER + 11], warned[_TOGETHER + 11]) == (1, 0)


def test_a_row_a_turn_of_the_seller_with_the_reaction_that_follows():
    rows = tone_rows(
        reading(("seller", "Женщина, вы читать умеете?"), ("client", "Не хамите мне!"), ("seller", "Хорошо."))
    )
    assert [len(row) for row in rows] == [TONE_WIDTH, TONE_WIDTH]
    offended = len(TONE) + list(REACTIONS).index("offended")
    assert (rows[0][offended], rows[1][offended]) == (1, 0)
