"""Figures of a whole dialogue, from its reading alone: what the learned heads see beside the turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

from services.score.domain.dialogue import DepartmentKind, Direction
from services.score.domain.lexicon import COMPILED, OBJECTIONS_COMPILED
from services.score.domain.reading import Reading, TurnReading

Features = dict[str, float]

_OPENING = 3
_CLOSING = 4


def dialogue_features(reading: Reading) -> Features:
    """Every figure by name; the same names for every dialogue."""
    features: Features = {}
    features.update(_shape(reading))
    features.update(_mark_figures(reading))
    features.update(_contact(reading))
    features.update(_moves(reading))
    features.update(_hearing(reading))
    features.update(_ending(reading))
    return features


def _shape(r: Reading) -> Features:
    seller = [len(t.words) for t in r.seller] or [0]
    client = [len(t.words) for t in r.client] or [0]
    return {
        "turns": float(len(r.turns)),
        "seller_turns": float(len(r.seller)),
        "seller_words_mean": fmean(seller),
        "seller_words_median": float(median(seller)),
        "seller_words_max": float(max(seller)),
        "client_words_mean": fmean(client),
        "talk_ratio": sum(seller) / (sum(client) + 1.0),
        "seller_short_share": fmean(n <= 5 for n in seller),
        "client_short_share": fmean(n <= 5 for n in client),
        "seconds": r.dialogue.end_ms / 1000.0,
        "outgoing": float(r.dialogue.direction is Direction.OUT),
        "sales": float(r.dialogue.department_kind is DepartmentKind.SALES),
        "english": float(r.dialogue.language == "en"),
        "punctuated": float(sum(t.text.count(",") for t in r.turns) > 0),
        "seller_first": float(bool(r.turns) and r.turns[0].speaker.value == "seller"),
    }


def _mark_figures(r: Reading) -> Features:
    out: Features = {}
    late = r.seller[len(r.seller) // 2 :]
    for name in COMPILED:
        out[f"s_{name}"] = float(min(6, sum(name in t.marks for t in r.seller)))
        out[f"c_{name}"] = float(min(6, sum(name in t.marks for t in r.client)))
        out[f"open_{name}"] = float(min(3, sum(t.count(name) for t in r.seller[:_OPENING])))
        out[f"late_{name}"] = float(min(5, sum(name in t.marks for t in late)))
        out[f"end_{name}"] = float(min(3, sum(t.count(name) for t in r.seller[-_CLOSING:])))
        out[f"cend_{name}"] = float(min(3, sum(name in t.marks for t in r.client[-_CLOSING:])))
    for kind in OBJECTIONS_COMPILED:
        out[f"ob_{kind}"] = float(min(5, sum(kind in t.objection_marks for t in r.client)))
        out[f"obend_{kind}"] = float(min(3, sum(kind in t.objection_marks for t in r.client[-3:])))
    return out


def _contact(r: Reading) -> Features:
    addressed = Counter(n for t in r.seller for n in t.names if n not in r.own_names)
    turns_with = [t.index for t in r.seller if any(n not in r.own_names for n in t.names)]
    known = sum(n for name, n in addressed.items() if name in r.client_names)
    first = r.seller[0] if r.seller else None
    parts = greeting_parts(r)
    return {
        "greet_parts": float(sum(parts)),
        "greet_hello": float(parts[0]),
        "greet_self": float(parts[1]),
        "greet_firm": float(parts[2]),
        "first_words": float(len(first.words)) if first else 0.0,
        "own_names": float(len(r.own_names)),
        "name_best": float(min(4, max(addressed.values(), default=0))),
        "name_sum": float(min(7, sum(addressed.values()))),
        "name_known": float(min(5, known)),
        "name_turns": float(min(6, len(turns_with))),
        "name_after_first": float(min(6, sum(1 for i in turns_with if first and i > first.index))),
        "client_names": float(min(3, len(r.client_names))),
        "name_last": float(bool(r.seller) and any(n not in r.own_names for t in r.seller[-2:] for n in t.names)),
    }


def greeting_parts(r: Reading) -> tuple[bool, bool, bool]:
    """Whether the seller greets, names himself, names the firm, in his first two turns (before they were asked for)."""
    opening = r.seller[:2]
    hello = any(t.has("hello") for t in opening)
    named = bool(r.own_names) and any(n in r.own_names for t in opening for n in t.names)
    firm = any("firm" in t.marks for t in r.seller[:1])
    return hello, named, firm


def _moves(r: Reading) -> Features:
    closing = r.seller[-5:]
    proposals = [t for t in r.seller if t.has("propose", "commit", "ask_when")]
    timed = [t for t in proposals if t.has("time")]
    firm_end = [t for t in closing if t.has("time") and t.has("action", "commit")]
    seller_time = next((t.index for t in r.seller if t.has("time") and t.has("commit", "action", "propose")), 999)
    client_time = next((t.index for t in r.client if t.has("time") and t.has("commit", "action", "propose")), 999)
    return {
        "asks": float(sum(t.asks for t in r.seller)),
        "ask_share": fmean([t.asks for t in r.seller]) if r.seller else 0.0,
        "question_marks": float(sum(t.questions for t in r.seller)),
        "question_marks_first": float(sum(t.questions for t in r.seller[:6])),
        "question_marks_late": float(sum(t.questions for t in r.seller[-4:])),
        "need_questions": float(sum(t.asks and t.has("need_topic") for t in r.seller)),
        "client_questions": float(sum(t.asks for t in r.client)),
        "client_question_marks": float(sum(t.questions for t in r.client)),
        "ask_balance": float(sum(t.questions for t in r.seller) - sum(t.questions for t in r.client)),
        "proposals": float(len(proposals)),
        "proposals_asked": float(sum(t.asks for t in proposals)),
        "proposals_timed": float(len(timed)),
        "proposals_late": float(sum(t.index > len(r.turns) * 0.5 for t in proposals)),
        "firm_end": float(len(firm_end)),
        "firm_last": float(any(t.has("time") for t in r.seller[-2:])),
        "time_end": float(sum(t.has("time") for t in closing)),
        "client_time_end": float(sum(t.has("time") for t in r.client[-4:])),
        "seller_proposes_first": float(seller_time < client_time),
        "client_proposes_first": float(client_time < seller_time),
        "client_yes_end": float(sum(t.has("yes") for t in r.client[-4:])),
        "client_no_end": float(sum(t.has("no") for t in r.client[-4:])),
        "benefit_turns": float(sum(t.has("benefit") and t.has("your_case") and len(t.words) > 9 for t in r.seller)),
        "benefit_early": float(sum(t.has("benefit") and len(t.words) > 12 for t in r.seller[: len(r.seller) // 2 + 1])),
        "price_turns": float(sum(t.has("price") for t in r.seller)),
        "long_turns": float(sum(len(t.words) >= 18 for t in r.seller)),
    }


def _hearing(r: Reading) -> Features:
    pairs = [(b, t) for t in r.seller if (b := r.before(t)) is not None and b.speaker is not t.speaker]
    echoes = [echo(before, turn) for before, turn in pairs]
    asked = [(b, t) for b, t in pairs if b.asks]
    marked = [(b, t) for b, t in pairs if b.questions]
    back = [t for b, t in asked if t.asks]
    overlaps = [t.overlap_ms for t in r.seller]
    return {
        "echo_mean": fmean(echoes) if echoes else 0.0,
        "echo_turns": float(sum(e > 0 for e in echoes)),
        "echo_after_question": fmean([echo(b, t) for b, t in asked]) if asked else 0.0,
        "answer_words": fmean([min(len(t.words), 25) for _, t in asked]) if asked else 0.0,
        "answers_short": float(sum(len(t.words) <= 4 for _, t in marked)),
        "questions_back": float(len(back)),
        "interruptions": float(sum(t.interrupts for t in r.seller)),
        "interruption_share": fmean([t.interrupts for t in r.seller]) if r.seller else 0.0,
        "overlap_s": sum(overlaps) / 1000.0,
        "overlap_max_s": max(overlaps, default=0) / 1000.0,
        "client_interrupts": float(sum(t.interrupts for t in r.client)),
        "client_broken": float(sum(t.broken_off for t in r.client[:-1])),
        "client_broken_overlap": float(sum(b.broken_off and t.overlap_ms > 0 for b, t in pairs)),
        "client_broken_share": fmean([t.broken_off for t in r.client]) if r.client else 0.0,
        "client_repeats": float(_repeats(r.client)),
        "seller_repeats": float(_repeats(r.seller)),
        "pause_mean_s": fmean([max(0, t.start_ms - b.end_ms) for b, t in pairs]) / 1000.0 if pairs else 0.0,
        "double_turns": float(sum(1 for t in r.seller if (b := r.before(t)) is not None and b.speaker is t.speaker)),
    }


def echo(before: TurnReading, turn: TurnReading) -> float:
    """How many longer lemmas of one turn come back in the next."""
    return float(len(content(before) & content(turn)))


def content(turn: TurnReading) -> set[str]:
    """The stems of a turn's longer words."""
    return {lemma[:6] for lemma in turn.lemmas if len(lemma) > 3}


def _repeats(turns: Sequence[TurnReading]) -> int:
    """How many turns say much the same as an earlier one of the same speaker (asked again, answered again)."""
    seen: list[set[str]] = []
    repeats = 0
    for turn in turns:
        stems = content(turn)
        if len(stems) >= 2 and any(len(stems & old) >= max(2, 0.6 * min(len(stems), len(old))) for old in seen):
            repeats += 1
        seen.append(stems)
    return repeats


def _ending(r: Reading) -> Features:
    last = r.turns[-1] if r.turns else None
    seller_last = r.seller[-1] if r.seller else None
    return {
        "last_is_seller": float(bool(last) and last is seller_last),
        "last_words": float(len(last.words)) if last else 0.0,
        "seller_last_words": float(len(seller_last.words)) if seller_last else 0.0,
        "seller_last_bye": float(bool(seller_last) and "bye" in seller_last.marks) if seller_last else 0.0,
        "seller_last_thanks": float("thanks" in seller_last.marks) if seller_last else 0.0,
        "bye_and_thanks": float(
            any(t.has("bye") for t in r.seller[-2:]) and any(t.has("thanks") for t in r.seller[-2:])
        ),
        "bye_and_sum": float(
            any(t.has("bye") for t in r.seller[-2:]) and any(t.has("sum_up", "time") for t in r.seller[-2:])
        ),
        "client_bye": float(any(t.has("bye", "thanks") for t in r.client[-2:])),
        "client_last_broken": float(bool(last) and last is not seller_last and bool(last and last.broken_off)),
        "last_asks": float(bool(last) and bool(last and last.asks)),
        "end_after_client_s": (
            (seller_last.end_ms - r.client[-1].end_ms) / 1000.0 if seller_last and r.client else 0.0
        ),
    }
