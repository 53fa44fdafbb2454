"""Which channel is the seller's."""

import pytest

from services.transcribe.domain.speakers import ChannelMap, Ground, map_channels, opening_lead
from services.transcribe.domain.transcript import Heard, Speaker, Word

SELLER = "Добрый день компания Тёплый дом меня зовут Андрей"
CLIENT = "Здравствуйте я хотела узнать сколько стоит окно"


def heard(channel: int, text: str) -> Heard:
    return Heard(channel, tuple(Word(word, i, i + 1) for i, word in enumerate(text.split())), ())


@pytest.mark.parametrize(
    ("told", "texts", "chosen"),
    [
        (0, (SELLER, CLIENT), ChannelMap(0, Ground.TOLD, doubtful=False)),
        (1, (SELLER, CLIENT), ChannelMap(1, Ground.TOLD, doubtful=True)),
        (1, ("Алло", "Да"), ChannelMap(1, Ground.TOLD, doubtful=False)),
        (None, (SELLER, CLIENT), ChannelMap(0, Ground.OPENING, doubtful=False)),
        (None, (CLIENT, SELLER), ChannelMap(1, Ground.OPENING, doubtful=False)),
        (None, ("Алло", "Да"), ChannelMap(0, Ground.USUAL, doubtful=True)),
    ],
)
def test_the_sellers_channel(told: int | None, texts: tuple[str, str], chosen: ChannelMap) -> None:
    assert map_channels(told, [heard(0, texts[0]), heard(1, texts[1])]) == chosen


def test_the_usual_channel_is_a_setting() -> None:
    assert map_channels(None, [heard(0, "Алло"), heard(1, "Да")], usual=1).seller == 1


def test_the_other_channel_is_the_clients() -> None:
    assert ChannelMap(1, Ground.TOLD, doubtful=False).speakers([0, 1]) == {0: Speaker.CLIENT, 1: Speaker.SELLER}


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("Клиника Белый зуб, слушаю вас", 2),
        ("Вы оставляли заявку в фитнес клуб", 1),
        ("Мне нужно поставить имплант, сколько это стоит", -1),
        ("Это автосервис?", 0),
        ("", 0),
    ],
)
def test_openings(text: str, lead: int) -> None:
    assert opening_lead(text) == lead
