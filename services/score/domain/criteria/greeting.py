"""Greeting: greets, names himself and the firm; all three are 1, one or two 0.5, none 0. "Hello?" is no greeting."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding
from services.score.domain.draft import Reason
from services.score.domain.features import greeting_parts

CODE = "greeting"
_PARTS = (("поздоровался", "greeted"), ("назвал себя", "named himself"), ("назвал компанию", "named the firm"))


def rule(scene: Scene) -> Finding:
    """Counts the three parts in the seller's first two turns."""
    parts = sum(greeting_parts(scene.reading))
    score = ONE if parts == 3 else HALF if parts else ZERO
    return finding(score, scene.reading.seller[:1] if parts else ())


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """Which parts were heard; where the parts and the score do not fit, the score alone."""
    parts = greeting_parts(scene.reading)
    said = [p for p, there in zip(_PARTS, parts, strict=True) if there]
    missing = [p for p, there in zip(_PARTS, parts, strict=True) if not there]
    if score == HALF and said and missing:
        return Reason(
            f"В начале продавец {_join(said, 0, 'и')}; из приветствия, имени и компании прозвучало не всё.",
            f"At the start the seller {_join(said, 1, 'and')}; the rest of greeting, name and firm was not said.",
        )
    if score == ONE:
        return Reason("Поздоровался, назвал себя и компанию.", "Greeted and named himself and the firm.")
    if score == HALF:
        return Reason(
            "Прозвучала только часть приветствия и представления.", "Only part of greeting, name and firm was said."
        )
    return Reason("Не поздоровался и не представился.", "Neither greeted nor introduced himself.")


def _join(parts: list[tuple[str, str]], language: int, conjunction: str) -> str:
    return f" {conjunction} ".join(p[language] for p in parts)
