"""A dialogue as it is read once for all rules: each turn's words, lemmas, marks, names, questions and overlaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from services.score.domain.dialogue import Dialogue, Speaker, Utterance
from services.score.domain.lexicon import Morphology, marks_of, normalise, objection_marks_of, words_of

_SELF_BEFORE_NAME = re.compile(
    r"(?:зовут|это|на связи|менеджер|администратор|диспетчер|мастер|специалист|оператор|консультант|инженер|агент|юрист"
    r"|беспокоит|звонит|name is|name's|this is|it's|i'm|speaking is)\W+(?:меня\W+)?([а-яa-z]+)"
)
_EN_CAPITAL = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z][a-z]+|\b[A-Z][a-z]{2,}\b")
_EN_NOT_NAMES = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "the",
        "and",
        "but",
        "yes",
        "fine",
        "good",
        "well",
        "hello",
        "right",
        "sure",
        "great",
        "what",
        "when",
        "how",
        "who",
        "why",
        "thank",
        "thanks",
        "please",
        "okay",
        "sorry",
        "morning",
        "afternoon",
        "evening",
        "let",
        "would",
        "could",
        "can",
        "shall",
        "will",
        "there",
        "that",
        "this",
        "then",
        "perfect",
        "lovely",
        "brilliant",
    ]
)
_LONG_OVERLAP_MS = 250
_ASSENT_WORDS = 2


@dataclass(frozen=True)
class TurnReading:
    """What one utterance shows; `names` are stems of people's names in order of mention."""

    index: int
    speaker: Speaker
    text: str
    normal: str
    words: tuple[str, ...]
    lemmas: tuple[str, ...]
    marks: Mapping[str, int]
    objection_marks: Mapping[str, int]
    names: tuple[str, ...]
    questions: int
    asks: bool
    overlap_ms: int
    interrupts: bool
    broken_off: bool
    trusted: bool
    start_ms: int
    end_ms: int

    def has(self, *names: str) -> bool:
        """Whether any of the marks is there."""
        return any(name in self.marks for name in names)

    def count(self, name: str) -> int:
        """How often a mark occurs."""
        return self.marks.get(name, 0)


@dataclass(frozen=True)
class Reading:
    """All turns of a dialogue as read, and who is who."""

    dialogue: Dialogue
    turns: tuple[TurnReading, ...]
    seller: tuple[TurnReading, ...]
    client: tuple[TurnReading, ...]
    own_names: frozenset[str]
    client_names: frozenset[str]

    def before(self, turn: TurnReading) -> TurnReading | None:
        """The turn before this one in order, whoever spoke."""
        return self.turns[turn.index - 1] if turn.index > 0 else None

    def after(self, turn: TurnReading) -> TurnReading | None:
        """The turn after this one in order."""
        return self.turns[turn.index + 1] if turn.index + 1 < len(self.turns) else None


def read(dialogue: Dialogue, morphology: Morphology) -> Reading:
    """Read a dialogue; pure, the morphology is given."""
    turns: list[TurnReading] = []
    latest_end: dict[Speaker, tuple[int, int]] = {}
    for place, utterance in enumerate(dialogue.utterances):
        turns.append(_read_turn(place, utterance, dialogue, morphology, latest_end))
        known = latest_end.get(utterance.speaker, (0, 0))
        latest_end[utterance.speaker] = max(known, (utterance.end_ms, utterance.start_ms))
    seller = tuple(t for t in turns if t.speaker is Speaker.SELLER)
    client = tuple(t for t in turns if t.speaker is Speaker.CLIENT)
    own = _own_names(seller, client, morphology)
    client_names = frozenset(name for t in client for name in t.names) - own
    return Reading(dialogue, tuple(turns), seller, client, own, client_names)


def _read_turn(
    place: int,
    utterance: Utterance,
    dialogue: Dialogue,
    morphology: Morphology,
    latest_end: Mapping[Speaker, tuple[int, int]],
) -> TurnReading:
    normal = normalise(utterance.text)
    words = tuple(words_of(normal))
    forms = [morphology(word) for word in words]
    marks = marks_of(normal)
    questions = utterance.text.count("?")
    other = Speaker.CLIENT if utterance.speaker is Speaker.SELLER else Speaker.SELLER
    other_end = latest_end.get(other, (0, 0))[0]
    overlap = max(0, min(other_end, utterance.end_ms) - utterance.start_ms)
    return TurnReading(
        index=place,
        speaker=utterance.speaker,
        text=utterance.text,
        normal=normal,
        words=words,
        lemmas=tuple(form.lemma for form in forms),
        marks=marks,
        objection_marks=objection_marks_of(normal),
        names=_names(utterance.text, words, dialogue.language, morphology),
        questions=questions,
        asks=questions > 0 or _asks_without_mark(words, marks),
        overlap_ms=overlap,
        interrupts=overlap > _LONG_OVERLAP_MS and len(words) > _ASSENT_WORDS,
        broken_off=bool(re.search(r"(?:[-–—…]|\.\.\.)\s*$", utterance.text)),
        trusted=utterance.trusted,
        start_ms=utterance.start_ms,
        end_ms=utterance.end_ms,
    )


def _asks_without_mark(words: tuple[str, ...], marks: Mapping[str, int]) -> bool:
    """A question as a recogniser without punctuation leaves it: a question word near the front, or a form of asking."""
    front = " ".join(words[:4])
    return "question_form" in marks or bool(marks.get("question_word") and marks_of(front).get("question_word"))


def _names(text: str, words: tuple[str, ...], language: str, morphology: Morphology) -> tuple[str, ...]:
    if language == "en":
        found = (m.group() for m in _EN_CAPITAL.finditer(text) if m.start() > 0)
        return tuple(w.split()[-1].lower()[:5] for w in found if w.lower() not in _EN_NOT_NAMES)
    names: list[str] = []
    last = -2
    for place, word in enumerate(words):
        form = morphology(word)
        if form.first_name or form.patronymic:
            if place - last > 1:
                names.append(form.lemma[:5])
            last = place
    return tuple(names)


def _own_names(
    seller: tuple[TurnReading, ...], client: tuple[TurnReading, ...], morphology: Morphology
) -> frozenset[str]:
    """Names the seller gives himself in his first turns; a name also said of the client stays the client's."""
    own: set[str] = set()
    for turn in seller[:3]:
        for match in _SELF_BEFORE_NAME.finditer(turn.normal):
            form = morphology(match.group(1))
            if form.first_name or form.patronymic:
                own.add(form.lemma[:5])
            elif match.group(1) in (n for n in turn.names):
                own.add(match.group(1)[:5])
    if seller and not own and len(seller[0].names) > 1:
        own.add(seller[0].names[-1])
    if seller and not own and len(seller[0].names) == 1:
        said = Counter(name for t in seller[1:] for name in t.names)
        if not said[seller[0].names[0]] and seller[0].index == 0 and "firm" in seller[0].marks:
            own.add(seller[0].names[0])
    introduced = {n for t in client for n in t.names if t.has("self") or "зовут" in t.normal}
    return frozenset(own - introduced)
