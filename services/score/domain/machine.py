"""Tells a talk with a machine or with hold music from a talk with a person: it is a fake touch (domain.md §7)."""

from __future__ import annotations

import re

from services.score.domain.dialogue import Dialogue, Speaker

FEWEST_WORDS = 2
WORD = re.compile(r"\w+")
ANNOUNCEMENTS = (
    r"абонент\w*\W+(?:\w+\W+){0,3}(?:недоступ|не отвеча|не может)",
    r"телефон (?:абонента )?выключен|вне зоны (?:действия|доступа)",
    r"(?:остав|говор)\w+ (?:ваше |свое |голосовое )?сообщени\w+ после|после (?:звукового )?сигнала",
    r"голосов\w+ (?:почт|ящик)|автоответчик|голосовой (?:помощник|ассистент|секретарь)",
    r"ваш звонок (?:очень )?важен|оставайтесь на линии|дождитесь ответа|все операторы (?:сейчас )?заняты",
    r"набранн\w+ (?:вами )?номер\w* не (?:существ|обслуж)",
    r"(?:leave|record) (?:a|your) message|after the (?:tone|beep)|voice ?mail",
    r"is (?:not available|unavailable) (?:right now|at)|your call is (?:very )?important",
    r"please (?:hold|stay on the line)|all our (?:operators|agents) are busy",
)
ANNOUNCEMENT = re.compile("|".join(ANNOUNCEMENTS), re.IGNORECASE)


def is_machine(dialogue: Dialogue) -> bool:
    """Whether nobody alive was on the client's side: no words of his, or only what machines say."""
    said = [turn.text.replace("ё", "е") for turn in dialogue.utterances if turn.speaker is not Speaker.SELLER]
    if sum(len(WORD.findall(text)) for text in said) < FEWEST_WORDS:
        return True
    return all(ANNOUNCEMENT.search(text) or len(WORD.findall(text)) < FEWEST_WORDS for text in said)
