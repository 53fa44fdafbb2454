"""The few words that the sound of a dialogue depends on: assent, fillers, and what sellers and clients open with."""

import re

# said over the other's speech these are no interruption, and they end nobody's turn (rubric, "cases decided")
ASSENT = frozenset(
    {"угу", "ага", "да", "ну", "так", "хорошо", "ладно", "понятно", "ясно", "мгм", "м-м", "мм", "м", "хм", "конечно"}
    | {"точно", "верно", "ок", "окей", "понял", "поняла", "слушаю"}
    | {"uh-huh", "mhm", "yeah", "yes", "okay", "ok", "right", "sure"}
)
LONGEST_ASSENT = 3

FILLERS = frozenset(
    {"э", "ээ", "эээ", "э-э", "эм", "м", "мм", "м-м", "ну", "вот", "короче", "типа", "значит", "собственно", "блин"}
    | {"um", "uh", "er"}
)
FILLER_PAIRS = frozenset({("как", "бы"), ("так", "сказать"), ("это", "самое"), ("в", "общем"), ("you", "know")})

SELLER_OPENS = re.compile(
    r"\bменя зовут\b|\b(компани|магазин|салон|клиник|школ|студи|агентств|автосервис|сервис|фирм|отдел|центр)\w*"
    r"|\bслушаю вас\b|\bчем (могу|я могу)? ?(вам )?помочь\b|\bвас беспокоит\b|\bзвоню (вам )?по\b"
    r"|\b(вы )?оставляли заявку\b|\bпо вашему (заказу|обращению)\b|\bпо вашей заявке\b|\bвам удобно\b"
    r"|\b(this is|my name is|how can i help)\b",
    re.IGNORECASE,
)
CLIENT_OPENS = re.compile(
    r"\bсколько (у вас )?сто\w+|\b(я )?(хочу|хотел|хотела)\b|\bмне (нужн|надо)\w*|\bу вас есть\b|\bвы (дела|прода)\w+"
    r"|\bможно (к вам|приехать|записаться)\b|\bэто (автосервис|магазин|клиника|компания)\b"
    r"|\bcan i\b|\bi('d| would) like\b",
    re.IGNORECASE,
)
