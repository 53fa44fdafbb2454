"""What the call page shows, as plain values, so that a template never asks the database a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Turn:
    """One utterance as it is shown: `pieces` are (text, doubted), `used_by` the criteria whose evidence it is."""

    index: int
    speaker: str
    start_ms: int
    end_ms: int
    pieces: tuple[tuple[str, bool], ...]
    trusted: bool = True
    objection: str | None = None
    flag: str | None = None
    used_by: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The utterance without marks."""
        return "".join(piece for piece, _ in self.pieces)


@dataclass(frozen=True)
class Quote:
    """Evidence: a stretch of the dialogue (ms) with its words; `word_from`…`word_to` narrow it inside the turn."""

    turn: int
    start_ms: int
    end_ms: int
    text: str
    word_from: int | None = None
    word_to: int | None = None


@dataclass(frozen=True)
class Proposal:
    """What the machine thinks; `verdict` as in the draft, score and confidence 0…1."""

    verdict: str
    score: Decimal | None
    confidence: Decimal
    reason: str
    quotes: tuple[Quote, ...] = ()
    doubtful: bool = False

    @property
    def value(self) -> str | None:
        """The choice it stands for in the form (`0`, `0.5`, `1`, `na`), None when it makes none."""
        if self.verdict == "not_applicable":
            return "na"
        return None if self.score is None else plain(self.score)


@dataclass(frozen=True)
class Decision:
    """What a person decided: `value` is a score as plain text or `na`."""

    value: str
    comment: str = ""


@dataclass(frozen=True)
class Choice:
    """One score that can be given: its value in the form, how it is drawn, the key that gives it."""

    value: str
    sign: str
    key: str = ""


STANDARD = (Choice("0", "0", "0"), Choice("0.5", "½", "5"), Choice("1", "1", "1"), Choice("na", "–", "n"))


@dataclass(frozen=True)
class Criterion:
    """One row of the checklist: the machine's proposal beside the person's decision."""

    code: str
    name: str
    weight: Decimal
    block: str | None = None
    choices: tuple[Choice, ...] = STANDARD
    rules: tuple[tuple[str, str], ...] = ()
    proposal: Proposal | None = None
    decision: Decision | None = None
    appealed: str | None = None
    corrected: str | None = None
    auto_fail_below: Decimal | None = None

    def sign(self, value: str) -> str:
        """How a score of this criterion is drawn on the scale its scorecard gives it."""
        return sign_of(self.choices, value)


@dataclass(frozen=True)
class Compared:
    """A criterion as the machine and two people scored it, each `na`, a score, or None; what the people wrote."""

    code: str
    name: str
    machine: str | None
    first: str | None
    second: str | None
    choices: tuple[Choice, ...] = STANDARD
    comments: tuple[str, ...] = ()

    def sign(self, value: str) -> str:
        """How a score of this criterion is drawn."""
        return sign_of(self.choices, value)

    @property
    def differ(self) -> bool:
        """Whether the two people decided differently."""
        return self.first != self.second


@dataclass(frozen=True)
class Comparison:
    """Two evaluations of one call side by side, with the machine's draft."""

    first: str
    second: str
    rows: tuple[Compared, ...]
    first_cqr: Decimal | None
    second_cqr: Decimal | None
    machine_cqr: Decimal | None

    @property
    def differences(self) -> int:
        """In how many criteria the two people differ."""
        return sum(1 for row in self.rows if row.differ)


@dataclass(frozen=True)
class Zone:
    """A stage of the talk on the waveform, ms."""

    stage: str
    name: str
    start_ms: int
    end_ms: int
    tint: str


@dataclass(frozen=True)
class Mark:
    """An objection or a red flag on the waveform, ms."""

    kind: str
    label: str
    at_ms: int
    turn: int


@dataclass(frozen=True)
class Remark:
    """A comment under the call: internal ones are seen by staff only."""

    author: str
    at: datetime
    text: str
    internal: bool


@dataclass(frozen=True)
class Change:
    """One line of the call's history: who moved it, from where to where, why."""

    at: datetime
    who: str
    before: str | None
    after: str
    reason: str | None = None


@dataclass(frozen=True)
class AppealView:
    """The seller's appeal and what became of it."""

    reason: str
    criteria: tuple[tuple[str, str], ...]
    at: datetime
    decided: str | None = None
    decision_reason: str | None = None


@dataclass(frozen=True)
class Allowed:
    """What this person may do with this call now; the page shows nothing else."""

    score: bool = False
    change_type: bool = False
    appeal: bool = False
    decide_appeal: bool = False
    hand_over: bool = False
    take: bool = False
    give_back: bool = False
    comment: bool = False
    comment_internal: bool = False
    send: tuple[str, ...] = ()
    see_draft: bool = True
    follow_up: bool = False
    classify: bool = False


@dataclass(frozen=True)
class CallView:
    """Everything the call page shows. Times are aware UTC or ms in the recording; scores 0…1, CQR percent."""

    call_id: str
    number: str
    version: int
    seller: str
    seller_id: str | None
    client: str
    started_at: datetime
    duration_ms: int
    direction: str
    status: str
    kind: str | None
    kind_confidence: Decimal | None
    kinds: tuple[str, ...]
    cqr: Decimal | None
    criteria: tuple[Criterion, ...]
    turns: tuple[Turn, ...]
    allowed: Allowed
    due_at: datetime | None = None
    overdue: bool = False
    trend: tuple[Decimal, ...] = ()
    zones: tuple[Zone, ...] = ()
    marks: tuple[Mark, ...] = ()
    has_audio: bool = False
    silence: str | None = None
    quality: str | None = None
    quality_reasons: tuple[str, ...] = ()
    blind: bool = False
    recommendation: str = ""
    remarks: tuple[Remark, ...] = ()
    changes: tuple[Change, ...] = ()
    appeal: AppealView | None = None
    appeal_until: datetime | None = None
    responsible: str | None = None
    colleagues: tuple[tuple[str, str], ...] = ()
    evaluated_by: str | None = None
    remarkable: tuple[str, ...] = ()
    rating: int | None = None
    advert: str | None = None
    lead_stage: str | None = None
    refusal_reason: str | None = None
    next_in_queue: str | None = None
    comparison: Comparison | None = None

    @property
    def decided(self) -> int:
        """How many criteria a person has decided."""
        return sum(1 for criterion in self.criteria if criterion.decision)

    @property
    def blocks(self) -> tuple[tuple[str | None, tuple[Criterion, ...]], ...]:
        """The criteria by block of the scorecard, in the scorecard's order."""
        blocks: list[tuple[str | None, list[Criterion]]] = []
        for criterion in self.criteria:
            if not blocks or blocks[-1][0] != criterion.block:
                blocks.append((criterion.block, []))
            blocks[-1][1].append(criterion)
        return tuple((name, tuple(rows)) for name, rows in blocks)


def sign_of(choices: tuple[Choice, ...], value: str) -> str:
    """How a score is drawn on a scale; the score itself where the scale does not know it."""
    return next((choice.sign for choice in choices if choice.value == value), value)


def choices_of(steps: tuple[Decimal, ...]) -> tuple[Choice, ...]:
    """The choices of a scale whose marks are normalised to 0…1: 1–5 and 0–100 are drawn as people know them."""
    if len(steps) == 5:
        given = [Choice(plain(step), str(at), str(at)) for at, step in enumerate(steps, 1)]
    elif len(steps) > 5:
        given = [Choice(plain(step), plain(step * 100), KEYS.get(plain(step), "")) for step in steps]
    else:
        known = {choice.value: choice for choice in STANDARD}
        given = [known.get(plain(step)) or Choice(plain(step), plain(step)) for step in steps]
    return (*given, STANDARD[-1])


KEYS = {choice.value: choice.key for choice in STANDARD}


def plain(value: Decimal) -> str:
    """A Decimal without trailing zeros: 0.50 → `0.5`, 1.0 → `1`."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "") else text
