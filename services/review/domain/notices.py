"""What people are told and in which words: the number of a call, a link, the time left; never a name or a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from services.review.domain.people import Language


class Channel(StrEnum):
    """How somebody wants to be told."""

    TELEGRAM = "telegram"
    EMAIL = "email"
    NONE = "none"


LINK_LASTS = timedelta(minutes=10)

# kind of notice → words; {call} is «№10482» or nothing.
WORDS: Mapping[str, Mapping[Language, str]] = {
    "evaluated": {
        Language.RU: "Звонок {call} оценён, в зачёт пока не утверждён.",
        Language.EN: "Call {call} is evaluated, not approved yet.",
    },
    "advised": {
        Language.RU: "По звонку {call} есть рекомендация руководителя.",
        Language.EN: "There is advice from your head on call {call}.",
    },
    "trained": {
        Language.RU: "Звонок {call} разобран для обучения, в зачёт не идёт.",
        Language.EN: "Call {call} was reviewed for training; it does not count.",
    },
    "appealed": {
        Language.RU: "Звонок {call}: подано обжалование, решает руководитель.",
        Language.EN: "Call {call}: an appeal was made, the head decides.",
    },
    "approved": {
        Language.RU: "Звонок {call} утверждён: оценён.",
        Language.EN: "Call {call} is approved as evaluated.",
    },
    "appeal_rejected": {
        Language.RU: "Звонок {call}: обжалование отклонено, оценка утверждена.",
        Language.EN: "Call {call}: the appeal was rejected, the evaluation stands.",
    },
    "appeal_upheld": {
        Language.RU: "Звонок {call}: обжалование удовлетворено, оценка исправлена.",
        Language.EN: "Call {call}: the appeal was upheld, the scores are corrected.",
    },
    "advice_asked": {
        Language.RU: "По звонку {call} просят вашего совета.",
        Language.EN: "Your advice is asked for on call {call}.",
    },
    "appeal_made": {
        Language.RU: "Звонок {call}: обжалование ждёт вашего решения.",
        Language.EN: "Call {call}: an appeal waits for your decision.",
    },
    "task_given": {
        Language.RU: "Вам назначен на прослушку звонок {call}.",
        Language.EN: "Call {call} was given to you for listening.",
    },
    "task_handed_over": {
        Language.RU: "Вам передан на прослушку звонок {call}.",
        Language.EN: "Call {call} was handed over to you for listening.",
    },
    "task_returned": {
        Language.RU: "Звонок {call} возвращён в общую очередь.",
        Language.EN: "Call {call} was returned to the pool.",
    },
    "task_overdue": {
        Language.RU: "Звонок {call}: срок прослушки прошёл.",
        Language.EN: "Call {call}: listening is overdue.",
    },
    "mentioned": {
        Language.RU: "Вас упомянули в обсуждении звонка {call}.",
        Language.EN: "You were mentioned in the discussion of call {call}.",
    },
    "follow_up_set": {
        Language.RU: "Вам поставлена задача по звонку {call}.",
        Language.EN: "A task on call {call} was set for you.",
    },
    "follow_up_done": {
        Language.RU: "Задача по звонку {call} выполнена.",
        Language.EN: "A task on call {call} is done.",
    },
    "follow_up_cancelled": {
        Language.RU: "Задача по звонку {call} отменена.",
        Language.EN: "A task on call {call} was cancelled.",
    },
    "follow_up_overdue": {
        Language.RU: "Задача по звонку {call}: срок прошёл.",
        Language.EN: "A task on call {call} is overdue.",
    },
    "contact_rule_violated": {
        Language.RU: "Заявка закрыта отказом раньше срока: мало попыток дозвона.",
        Language.EN: "A lead was refused too early: too few contact attempts.",
    },
    "other": {
        Language.RU: "Есть новости по звонку {call}.",
        Language.EN: "There is news on call {call}.",
    },
}

OPEN: Mapping[Language, str] = {Language.RU: "Открыть", Language.EN: "Open"}
RESULTS: Mapping[Language, str] = {Language.RU: "Результат по критериям", Language.EN: "Result by criterion"}
APPEAL: Mapping[Language, str] = {Language.RU: "Обжаловать", Language.EN: "Appeal"}
LEFT: Mapping[Language, str] = {
    Language.RU: "Обжаловать можно ещё {left}.",
    Language.EN: "Time left to appeal: {left}.",
}
SUBJECT: Mapping[Language, str] = {Language.RU: "Отзвук: звонок {call}", Language.EN: "Otzvuk: call {call}"}
BOUND: Mapping[Language, str] = {
    Language.RU: "Готово: уведомления Отзвука будут приходить сюда. /stop отключает их.",
    Language.EN: "Done: Otzvuk's notices will come here. /stop switches them off.",
}
STALE_LINK: Mapping[Language, str] = {
    Language.RU: "Ссылка устарела или уже использована. Возьмите новую в Отзвуке: Профиль → Уведомления.",
    Language.EN: "This link is too old or was used. Take a new one in Otzvuk: Profile → Notices.",
}
UNBOUND: Mapping[Language, str] = {
    Language.RU: "Уведомления сюда больше не приходят.",
    Language.EN: "Notices will not come here any more.",
}
NO_RESULT: Mapping[Language, str] = {
    Language.RU: "Результата нет или он вам не виден.",
    Language.EN: "There is no result, or it is not yours to see.",
}
NOT_APPLICABLE: Mapping[Language, str] = {Language.RU: "не применяется", Language.EN: "does not apply"}

# The kinds whose message carries the buttons of a result.
WITH_RESULT = frozenset({"evaluated", "advised", "trained", "approved", "appeal_rejected", "appeal_upheld"})


@dataclass(frozen=True)
class Button:
    """A button under a message: leads to a page (`url`) or asks the bot (`data`, at most 64 bytes)."""

    text: str
    url: str | None = None
    data: str | None = None


@dataclass(frozen=True)
class Message:
    """What is sent: plain text (no markup is ever read in it) and buttons."""

    subject: str
    text: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class CallNews:
    """What a message may know of a call: its number, our address of it, and until when it can be appealed (UTC)."""

    number: int
    page: str
    appeal_until: datetime | None


def message_of(kind: str, news: CallNews | None, language: Language, now: datetime, home: str) -> Message:
    """The message of a notice. `home` is our own address, for notices without a call."""
    words = WORDS.get(kind, WORDS["other"])[language]
    call = "" if news is None else f"№{news.number}"
    text = words.format(call=call)
    left = _left(kind, news, now)
    if left is not None:
        text = f"{text} {LEFT[language].format(left=time_left(left, language))}"
    subject = SUBJECT[language].format(call=call).rstrip(" :")
    return Message(subject, text, _buttons(kind, news, language, home, left is not None))


def _left(kind: str, news: CallNews | None, now: datetime) -> timedelta | None:
    if kind != "evaluated" or news is None or news.appeal_until is None or news.appeal_until <= now:
        return None
    return news.appeal_until - now


def _buttons(kind: str, news: CallNews | None, language: Language, home: str, appeal: bool) -> tuple[Button, ...]:
    if news is None:
        return (Button(OPEN[language], url=home),)
    buttons = [Button(OPEN[language], url=news.page)]
    if kind in WITH_RESULT:
        buttons.append(Button(RESULTS[language], data=f"result:{news.number}"))
    if appeal:
        buttons.append(Button(APPEAL[language], url=f"{news.page}#appeal"))
    return tuple(buttons)


def time_left(left: timedelta, language: Language) -> str:
    """«1 д 23 ч», «3 ч 12 мин», «12 мин»: rounded down, so that nobody is promised more than he has."""
    minutes = max(0, int(left.total_seconds() // 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    day, hour, minute = ("д", "ч", "мин") if language is Language.RU else ("d", "h", "min")
    if days:
        return f"{days} {day} {hours} {hour}"
    return f"{hours} {hour} {minutes} {minute}" if hours else f"{minutes} {minute}"


@dataclass(frozen=True)
class Mark:
    """One criterion as it was decided; `score` None does not apply."""

    label: str
    score: Decimal | None


def result_text(number: int, cqr: Decimal | None, marks: Sequence[Mark], language: Language) -> str:
    """The answer to the button: one line a criterion."""
    head = f"№{number}" if cqr is None else f"№{number} · CQR {cqr.quantize(Decimal(1))}"
    lines = [f"{mark.label}: {NOT_APPLICABLE[language] if mark.score is None else _half(mark.score)}" for mark in marks]
    return "\n".join([head, *lines])[:4096]


def _half(score: Decimal) -> str:
    return "½" if score == Decimal("0.5") else format(score.normalize(), "f")


def channel_for(chosen: Channel | None, *, telegram: bool, email: bool) -> Channel:
    """The way that is really taken: as chosen if it works, else the other one; never one that he refused.

    `telegram`: a chat is bound and not blocked; `email`: there is an address and a mail server.
    """
    if chosen is Channel.NONE:
        return Channel.NONE
    if chosen is not Channel.EMAIL and telegram:
        return Channel.TELEGRAM
    if email:
        return Channel.EMAIL
    return Channel.TELEGRAM if telegram else Channel.NONE
