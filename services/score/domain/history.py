"""What a call's opening says of the history between the firm and client: an offer, a deal, an old refusal."""

from __future__ import annotations

import re

from services.score.domain.dialogue import DepartmentKind, Direction, Speaker
from services.score.domain.reading import Reading

_OPENING, _FIRST = 6, 3
_CROSSED = (
    "you_and_us",
    "remember",
    "long_ago",
    "left",
    "offer_made",
    "deal_made",
    "how_now",
    "first_ask",
)

_DID = r"(?:\W+\w+){0,4}?\W+\w{2,}(?:л|ла|ли|лась|лись|лся)\b"
HISTORY: dict[str, str] = {
    "you_and_us": (
        r"\b(?:вы|ты)\b(?:\W+\w+){0,2}?\W+(?:у нас|нам|от нас|к нам|с нами|нас|нашу?|наш\w*|мне)\b"
        + _DID
        + r"|\b(?:мы|я)\b(?:\W+\w+){0,2}?\W+(?:вам|вас|с вами|у вас|вашу?|ваш\w*)\b"
        + _DID
        + r"|\b(?:с вами|вам)\b(?:\W+\w+){0,1}?\W+(?:мы|я)\b"
        + _DID
        + r"|\b(?:мне|нам|у вас|к вам|у нас)\W+(?:\w+\W+){0,3}?(?:счита|дела|присла|показыва|бы[лв]|заказ|покупа|бра"
        r"|присыла|отправ|офор|прода|обеща|звони|говор|сказа|смотре|договар|выстав|меря|замеря|стрич|леч|ход)\w*"
        r"|\b(?:you|we|i)\b(?:\W+\w+){0,2}?\W+(?:had|were|was|sent|spoke|talked|e-?mailed|quoted|discussed|met|came"
        r"|visited|ordered|bought|paid|said|told|asked|looked)\b"
    ),
    "remember": (
        r"помн(?:ите|ишь|ю|им)|вспомн|забы[лв]|узна(?:ли|ешь|ете)|снова я|опять я|это снова|remember"
        r"|forgot|again"
    ),
    "long_ago": (
        r"прошл(?:ого|ом|ой|ую|ым) (?:год|зим|весн|лет|осен)\w*|позапрошл|\bв (?:том|прошлом) году|год(?:а"
        r"|у)? назад|лет назад|месяц\w* назад|полгода|\bгод прош|давно не|давненько|сколько лет|\b(?:прошлой )?(?:зимой"
        r"|весной|летом|осенью)\b|\bв (?:январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре"
        r"|октябре|ноябре|декабре)\b|с тех пор|в прошлый раз|года два|пару лет|last (?:year|spring|summer"
        r"|autumn|fall|winter)|years? (?:ago|back)|months ago|back in|\bin (?:january|february|march"
        r"|april|may|june|july|august|september|october|november|december)\b|с \d\d\W{1,3}?(?:го )?года"
        r"|\d{2,4} году|when we (?:last )?(?:spoke|talked)"
    ),
    "left": (
        r"отказал|отложил|передумал|притормоз|ушли|ушел|съехал|расторг|бывш|не стали|не стал|не срослось"
        r"|не сложил|не взял|не вышло|не пошл|не дошл|не доделал|перестал|пропал|не продл|закончил|распрощ"
        r"|разошл|оставил[аи]? (?:это|затею)|бросил|turned (?:us )?down|said no|decided against|left us"
        r"|went with|didn'?t (?:go|work)|timing was|stopped|used to|back then|\bтогда\b"
    ),
    "how_now": (
        r"как (?:он|она|оно|они|там|вы|теперь|у вас|ваш|дела|поживае|перезим|сейчас|успех|сама|сами)"
        r"|(?:сейчас|теперь|нынче)\b.{0,25}\?|что (?:сейчас|теперь|изменил)|изменил|жив[аы]?\b|еще (?:актуаль"
        r"|дума|хот|ищ)|how(?:'s| is| are| have)|still\b|these days|changed"
    ),
    "recent": (
        r"на (?:той|прошлой|этой) неделе|\bвчера\b|позавчера|\bутром\b|\bнедавно|на днях|в (?:понедельник"
        r"|вторник|среду|четверг|пятницу|субботу|воскресенье)\b|недел\w+ назад|дн\w+ назад|только что"
        r"|вот недавно|yesterday|last week|the other day|on (?:mon|tues|wednes|thurs|fri|satur|sun)day"
        r"|days ago|this morning"
    ),
    "offer_made": (
        r"счита(?:л|ли|ла)|посчита|просчита|насчита|смет|предложени|коммерческ|\bкп\b|каталог|прайс"
        r"|расчет|рассч|прислал|присылал|отправлял|отправил|высла|высылал|скидывал|скинул|условия|презентац"
        r"|пробн|диагност|консультац|на показ|смотрел|приезжал|примерял|замеря|замер|меря[лт]|тест|были у (?:нас"
        r"|вас)|обсужд|ознаком|глянул|посмотрел|изучил|надумал|решили|решил|вариант|проект|эскиз|quot"
        r"|proposal|estimate|sent|e-?mail|brochure|trial|viewing|price"
    ),
    "deal_made": (
        r"заказал|оплатил|оплачен|оплат|заказ\b|номер заказа|заказа\b|заявк\w* (?:номер|\d|на завтра"
        r"|на)|брон|договор|подписа|документ|справк|доставк|курьер|привез|перенес|перенос|подтвер|готов[ао]?\b"
        r"|монтаж|приезд|мастер|счет|закрыва|акт[ыа]?\b|внес|предоплат|залог|аванс|запис(?:ан|ал)|на завтра"
        r"|у нас (?:в|на)\b|поменять|одобр|паспорт|гарант|ремонт|order|paid|deliver|confirm|invoice"
        r"|payment|booked|paperwork|booking"
    ),
    "first_ask": (
        r"(?:вы|у вас|можно|мне|нам|хочу|хотел\w*|надо|нужн\w+|интересу\w*|подскаж\w*|скажите)\b.{0,40}(?:сколько стоит"
        r"|почем|делаете|продаете|есть|можно|занимаетесь|берете|беретесь|ремонтируете|возите|цен|стоимость"
        r"|сто[ия]т|нужн|хочу|хотел|интерес)|\bмне нужн|\bнам нужн|\bмне (?:бы|надо)|\bнам (?:бы|надо)"
        r"|хочу узнать|хотел[аи]? (?:бы )?(?:узнать|спросить)|по (?:объявлени|рекламе)|на сайте|увидел"
        r"|реклам|do you (?:do|sell|have|make|fix)|i(?:'m| am) looking|i need|we need|i'd like|how much"
    ),
    "cold_open": (
        r"с кем (?:\w+ ){0,3}(?:можно|поговор|обсуд)|кто (?:у вас )?(?:\w+ )?(?:занимается|отвечает"
        r"|решает)|соедините|руководител|директор|меня зовут|мы (?:занимаемся|делаем|возим|ставим|предлага)"
        r"|оставляли|заявк|анкет|нажима|на сайте|регистр|выставк|реестр|акци[яюи]|вам как|предложить"
        r"|who (?:handles|deals)|the (?:owner|manager)|we (?:do|offer|help|make)"
    ),
}

_COMPILED = {name: re.compile(pattern) for name, pattern in HISTORY.items()}


def history_figures(reading: Reading) -> dict[str, float]:
    """Figures by name: each mark in the opening (seller, client, both), at once, in the whole call, by who called.

    An earlier contact ("you had … with us") tells an objection, a deal or an old refusal from a first acquaintance;
    how long ago it was and whether it ended tells the old refusal; an offer or an order tells the other two apart.
    """
    opening = reading.turns[:_OPENING]
    seller = [t for t in opening if t.speaker is Speaker.SELLER]
    client = [t for t in opening if t.speaker is Speaker.CLIENT]
    figures: dict[str, float] = {}
    both: dict[str, float] = {}
    for name, pattern in _COMPILED.items():
        counts = [len(pattern.findall(t.normal)) for t in reading.turns]
        mine, theirs = sum(counts[t.index] for t in seller), sum(counts[t.index] for t in client)
        both[name] = float(min(mine + theirs, 4))
        figures[f"seller_{name}"] = float(min(mine, 3))
        figures[f"client_{name}"] = float(min(theirs, 3))
        figures[f"opening_{name}"] = both[name]
        figures[f"at_once_{name}"] = float(bool(seller) and counts[seller[0].index] > 0)
        figures[f"first_{name}"] = float(min(3, sum(counts[:_FIRST])))
        figures[f"all_{name}"] = float(min(6, sum(counts)))
    outgoing = reading.dialogue.direction is Direction.OUT
    incoming = reading.dialogue.direction is Direction.IN
    figures |= {"outgoing": float(outgoing), "incoming": float(incoming)}
    figures["sales"] = float(reading.dialogue.department_kind is DepartmentKind.SALES)
    for name in _CROSSED:
        figures[f"outgoing_{name}"] = outgoing * both[name]
        figures[f"incoming_{name}"] = (not outgoing) * both[name]
    figures["known"] = both["you_and_us"] + both["remember"]
    figures["old"] = min(both["long_ago"], 2) * (1 + min(both["you_and_us"] + both["left"], 2))
    figures["seller_asks"], figures["client_asks"] = (float(sum(t.asks for t in side)) for side in (seller, client))
    figures["names_first"] = float(bool(seller) and len(seller[0].names) > 0)
    figures["turns"] = float(len(reading.turns))
    return figures
