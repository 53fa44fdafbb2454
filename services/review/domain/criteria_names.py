"""Names of the default scorecard's criteria, for messages and exports; a company's own criteria go by their code."""

from __future__ import annotations

from collections.abc import Mapping

from services.review.domain.people import Language

NAMES: Mapping[str, tuple[str, str]] = {
    "greeting": ("Приветствие и представление", "Greeting"),
    "client_name": ("Обращение по имени", "Client's name"),
    "problem_definition": ("Определение проблемы", "Problem definition"),
    "product_story": ("Рассказ о продукте", "Product story"),
    "objection_handling": ("Отработка возражений", "Objection handling"),
    "initiative": ("Инициатива", "Initiative"),
    "closing_push": ("Дожим", "Closing push"),
    "next_step": ("Договорённость о следующем шаге", "Next step"),
    "farewell": ("Завершение разговора", "Farewell"),
    "listening": ("Умение слышать", "Listening"),
    "speech_clarity": ("Ясность речи", "Clarity of speech"),
    "politeness": ("Вежливость", "Politeness"),
    "correct_information": ("Корректность информации", "Correct information"),
    "feedback_applied": ("Применение прошлой обратной связи", "Feedback applied"),
    "crm_card": ("Карточка CRM", "CRM card"),
    "consultation_time": ("Норматив времени консультации", "Consultation time"),
}


def name_of(criterion: str, language: Language) -> str:
    """The criterion's name in the language, its code when it is a company's own."""
    names = NAMES.get(criterion)
    return criterion if names is None else names[0 if language is Language.RU else 1]
