"""What a call's opening tells of earlier dealings: nothing, an offer, an order, an old refusal."""

from dataclasses import replace

import pytest

from services.score.adapters.lexicon import load_morphology
from services.score.domain.dialogue import Direction, dialogue_of
from services.score.domain.history import history_figures
from services.score.domain.reading import read

MORPHOLOGY = load_morphology()


def figures(*turns: tuple[str, str], direction: Direction = Direction.OUT) -> dict[str, float]:
    return history_figures(read(replace(dialogue_of(turns), direction=direction), MORPHOLOGY))


@pytest.mark.parametrize(
    ("opening", "marks"),
    [
        ("Вы у нас в мае бассейн смотрели, помните?", ("you_and_us", "remember", "long_ago")),
        ("Мы вам на прошлой неделе отправили расчёт по забору.", ("you_and_us", "recent", "offer_made")),
        ("Ваш заказ оплачен, привезём в субботу.", ("deal_made",)),
        ("Год назад вы от нас ушли, как у вас теперь дела?", ("you_and_us", "long_ago", "left", "how_now")),
        ("С кем у вас можно поговорить про связь?", ("cold_open",)),
    ],
)
def test_an_opening_shows_what_was_before(opening, marks):
    said = figures(("seller", opening), ("client", "Слушаю."))
    assert [name for name in marks if said[f"seller_{name}"] == 0] == []


def test_a_first_question_shows_no_earlier_dealings():
    said = figures(("client", "Здравствуйте, вы заборы ставите? Сколько стоит метр?"), direction=Direction.IN)
    assert (said["known"], said["old"], said["client_first_ask"]) == (0, 0, 1)
    assert (said["incoming_first_ask"], said["outgoing_first_ask"]) == (1, 0)


def test_what_comes_after_the_opening_does_not_count_as_opening():
    chat = [("seller", "Так."), ("client", "Да.")] * 3
    said = figures(*chat, ("seller", "Вы у нас в мае бассейн смотрели."))
    assert (said["opening_you_and_us"], said["all_you_and_us"]) == (0, 1)
