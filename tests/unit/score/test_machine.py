"""Machines and music against people."""

from __future__ import annotations

import pytest

from services.score.domain.dialogue import dialogue_of
from services.score.domain.machine import is_machine


@pytest.mark.parametrize(
    "client",
    [
        [],
        [""],
        ["Аппарат абонента выключен или находится вне зоны действия сети"],
        ["Абонент сейчас недоступен.", "Оставьте сообщение после сигнала."],
        ["Ваш звонок очень важен для нас, оставайтесь на линии"],
        ["Вас приветствует голосовой помощник, абонент не может ответить"],
        ["You have reached the voicemail of Mark", "Please leave a message after the tone"],
        ["Алло"],
    ],
)
def test_nobody_alive(client: list[str]) -> None:
    assert is_machine(dialogue_of([("seller", "Здравствуйте!"), *(("client", text) for text in client)]))


@pytest.mark.parametrize(
    "client",
    [
        ["Алло, слушаю"],
        ["Да, говорите"],
        ["Я вчера оставил сообщение после сигнала, вы не перезвонили.", "Почему так?"],
        ["Ваш звонок важен, говорите", "Да шучу я, слушаю вас"],
    ],
)
def test_somebody_alive(client: list[str]) -> None:
    assert not is_machine(dialogue_of([("seller", "Здравствуйте!"), *(("client", text) for text in client)]))


def test_words_of_an_unknown_side_count_as_a_persons() -> None:
    assert not is_machine(dialogue_of([("unknown", "Да, это я, слушаю вас внимательно")]))
