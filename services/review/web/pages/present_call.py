"""Turns what may be read of a call into what its page shows, in the viewer's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.review.domain import views
from services.review.domain.calls import CallType
from services.review.domain.evaluation import STEPS, Verdict, Wording
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.domain.preferences import Preferences
from services.review.web.pages import view_models as page
from services.review.web.pages.comparing import compared, value_of
from services.review.web.pages.transcripts import Dialogue, turns_of
from services.review.web.pages.words import Words

DOUBTFUL_BELOW = Decimal("0.6")
# A stage has one colour in every call; stages of a firm's own card share the last.
TINTS = {"contact": "a", "need": "b", "presentation": "c", "objections": "d", "closing": "e"}
RULED = ("1", "0.5", "0", "na")
SENDS = {
    Action.SEND_COUNTED: "counted",
    Action.SEND_UNCOUNTED: "uncounted",
    Action.SEND_FOR_ADVICE: "advice",
}


@dataclass(frozen=True)
class Presenter:
    """Presents one call to one viewer at one moment (aware UTC)."""

    viewer: Viewer
    words: Words
    now: datetime

    def call(
        self, seen: views.CallView, dialogue: Dialogue | None, colleagues: Sequence[tuple[str, str]] = ()
    ) -> page.CallView:
        """The whole page."""
        row, draft, evaluation = seen.row, seen.draft, seen.evaluation
        criteria = self._criteria(draft, evaluation, dialogue)
        uses: dict[int, list[str]] = {}
        for criterion in criteria:
            for quote in criterion.proposal.quotes if criterion.proposal else ():
                uses.setdefault(quote.turn, []).append(criterion.name)
        objections = {item["turn"]: item["kind"] for item in (draft.objections if draft else ())}
        flags = {item["turn"]: item["kind"] for item in (draft.red_flags if draft else ())}
        open_own = self._is_own_open(evaluation)
        kind = evaluation.call_type if evaluation else row.call_type
        return page.CallView(
            call_id=row.call_id,
            number=str(row.number),
            version=row.version,
            seller=row.seller_name or self.words("speaker.unknown"),
            seller_id=row.seller_id,
            client=row.client_label or "–",
            started_at=row.started_at,
            duration_ms=max(dialogue.duration_ms if dialogue else 0, row.talk_ms, 1),
            direction=row.direction,
            status=row.status.value,
            kind=kind.value if kind else None,
            kind_confidence=draft.call_type_probability if draft and not draft.hidden else None,
            kinds=tuple(each.value for each in (evaluation.types_known if evaluation else CallType)),
            cqr=(evaluation.cqr if evaluation else None) or row.cqr or row.draft_cqr,
            criteria=criteria,
            turns=turns_of(dialogue, objections, flags, uses) if dialogue else (),
            allowed=self._allowed(seen, open_own),
            due_at=seen.task.due_at if seen.task and seen.task.state != "done" else None,
            overdue=bool(seen.task and seen.task.overdue),
            zones=self._zones(draft),
            marks=self._marks(draft, dialogue),
            has_audio=seen.audio_uri is not None and Action.CALL_PLAY in seen.may,
            silence=self._silence(seen),
            quality=str(dialogue.quality["grade"]) if dialogue else seen.transcript_quality,
            quality_reasons=tuple(dialogue.quality["reasons"]) if dialogue else (),
            blind=bool(evaluation and evaluation.blind and open_own),
            recommendation=evaluation.recommendation if evaluation else "",
            remarks=tuple(
                page.Remark(each.author_name or each.author_id, each.at, each.text, not each.public)
                for each in seen.comments
            ),
            changes=tuple(self._change(line) for line in seen.history),
            appeal=self._appeal(seen.appeal, {row.code: row.name for row in criteria}),
            appeal_until=row.approve_at,
            responsible=self._responsible(seen.task),
            colleagues=tuple(colleagues),
            evaluated_by=evaluation.evaluator_name if evaluation and evaluation.finished_at else None,
            remarkable=row.remarkable if not (evaluation and evaluation.blind and open_own) else (),
            rating=row.rating,
            comparison=compared(seen, lambda score: self._name(score.criterion, score.wording)),
        )

    def _is_own_open(self, evaluation: views.EvaluationView | None) -> bool:
        return bool(evaluation and evaluation.finished_at is None and evaluation.evaluator_id == self.viewer.person_id)

    def _responsible(self, task: views.TaskView | None) -> str | None:
        """Who has the call in work, when it is somebody else."""
        if task is None or task.state == "done" or task.assignee_id == self.viewer.person_id:
            return None
        return task.assignee_name

    def _allowed(self, seen: views.CallView, open_own: bool) -> page.Allowed:
        may, task = seen.may, seen.task
        waiting = task is not None and task.state != "done" and not open_own
        mine = task is not None and task.assignee_id in (None, self.viewer.person_id)
        takes = may & {Action.TASK_TAKE, Action.EVALUATE_ADVICE, Action.EVALUATE_UNCOUNTED}
        return page.Allowed(
            score=open_own,
            change_type=open_own,
            appeal=Action.APPEAL in may and bool(seen.appeal_left_s),
            decide_appeal=Action.DECIDE_APPEAL in may and seen.appeal is not None and seen.appeal.state == "open",
            hand_over=Action.TASK_HAND_OVER in may and task is not None and task.state != "done",
            take=bool(waiting and mine and takes),
            give_back=open_own and Action.TASK_RETURN in may,
            comment=Action.COMMENT_PUBLIC in may or Action.COMMENT_INTERNAL in may,
            comment_internal=Action.COMMENT_INTERNAL in may,
            send=tuple(name for action, name in SENDS.items() if action in may),
            follow_up=Action.FOLLOW_UP_SET in may,
            classify=Action.CALL_CLASSIFY in may,
        )

    def _criteria(
        self, draft: views.DraftView | None, evaluation: views.EvaluationView | None, dialogue: Dialogue | None
    ) -> tuple[page.Criterion, ...]:
        drafted = {row.criterion: row for row in (draft.criteria if draft else ())}
        if evaluation is not None:
            return tuple(self._scored(row, drafted.get(row.criterion), dialogue) for row in evaluation.scores)
        return tuple(
            page.Criterion(
                code=row.criterion,
                name=self._name(row.criterion, row.wording),
                weight=row.weight,
                block=self._block(row.block, row.wording),
                rules=self._rules(row.criterion, row.wording),
                proposal=self._proposal(row, dialogue),
            )
            for row in drafted.values()
            if row.weight > 0
        )

    def _scored(
        self, row: views.ScoreView, drafted: views.DraftCriterion | None, dialogue: Dialogue | None
    ) -> page.Criterion:
        corrected = None
        if row.corrected_verdict is not None:
            corrected = value_of(row.corrected_verdict, row.corrected_score)
        decided = value_of(row.verdict, row.score) if row.verdict is not None else None
        return page.Criterion(
            code=row.criterion,
            name=self._name(row.criterion, row.wording),
            weight=row.weight,
            block=self._block(row.block, row.wording),
            choices=page.choices_of(row.steps or STEPS),
            rules=self._rules(row.criterion, row.wording),
            proposal=self._proposal(drafted, dialogue) if drafted else None,
            decision=page.Decision(decided, row.comment) if decided is not None else None,
            appealed=(row.appeal_reason or "") if row.appealed else None,
            corrected=corrected,
        )

    def _proposal(self, row: views.DraftCriterion, dialogue: Dialogue | None) -> page.Proposal | None:
        if row.hidden is not None or row.verdict is None:
            return None
        found = [dialogue.quote(place) for place in row.evidence] if dialogue else []
        confidence = row.confidence if row.confidence is not None else Decimal(0)
        decides = row.verdict in (Verdict.SCORED, Verdict.NOT_APPLICABLE)
        return page.Proposal(
            verdict=row.verdict.value,
            score=row.score,
            confidence=confidence,
            reason=self._said(row.reason),
            quotes=tuple(quote for quote in found if quote is not None),
            doubtful=decides and confidence < DOUBTFUL_BELOW,
        )

    def _name(self, criterion: str, wording: Wording) -> str:
        """As the firm's scorecard words it; the catalogue knows the default card for drafts that tell no words."""
        return self._said(wording.label) or self.words.named("criterion", criterion)

    def _block(self, block: str | None, wording: Wording) -> str | None:
        return block and (self._said(wording.block) or self.words.named("block", block))

    def _rules(self, criterion: str, wording: Wording) -> tuple[tuple[str, str], ...]:
        told = [(value, self._said(wording.rules[value])) for value in RULED if value in wording.rules]
        if told:
            return tuple(told)
        return tuple(zip(RULED, self.words.lines(f"rule.{criterion}"), strict=False))

    def _said(self, text: Mapping[str, str]) -> str:
        return text.get(self.words.language) or text.get("ru", "")

    def _zones(self, draft: views.DraftView | None) -> tuple[page.Zone, ...]:
        if draft is None or draft.hidden:
            return ()
        return tuple(
            page.Zone(
                zone["stage"],
                self.words.named("stage", zone["stage"]),
                zone["start_ms"],
                zone["end_ms"],
                TINTS.get(zone["stage"], "f"),
            )
            for zone in draft.stages
        )

    def _marks(self, draft: views.DraftView | None, dialogue: Dialogue | None) -> tuple[page.Mark, ...]:
        if draft is None or draft.hidden or dialogue is None:
            return ()
        lines = dialogue.utterances
        found: list[page.Mark] = []
        for kind, group, items in (("objection", "objection", draft.objections), ("flag", "flag", draft.red_flags)):
            found += [
                page.Mark(kind, self.words.named(group, item["kind"]), lines[item["turn"]]["start_ms"], item["turn"])
                for item in items
                if item["turn"] < len(lines)
            ]
        return tuple(found)

    def _silence(self, seen: views.CallView) -> str | None:
        if seen.row.outcome != "answered":
            return "missed"
        if seen.transcript_failed:
            return seen.transcript_failed
        if seen.audio_uri is None and seen.registration.get("recording_expected") is False:
            return "no_recording"
        return "waiting" if seen.audio_uri is None or seen.transcript_uri is None else None

    def _change(self, line: views.HistoryLine) -> page.Change:
        who = line.actor_name or self.words.named("role", line.actor_role)
        return page.Change(line.at, who, line.origin.value if line.origin else None, line.to.value, line.why or None)

    def _appeal(self, appeal: views.AppealView | None, names: Mapping[str, str]) -> page.AppealView | None:
        if appeal is None:
            return None
        named = self.words.named
        return page.AppealView(
            reason=appeal.reason,
            criteria=tuple((names.get(code) or named("criterion", code), why) for code, why in appeal.points),
            at=appeal.made_at,
            decided=None if appeal.state == "open" else appeal.state,
            decision_reason=appeal.decision_reason or None,
        )


def appeal_time_left(row: views.CallRow, now: datetime) -> timedelta | None:
    """How long the seller may still appeal; None when he may not."""
    return row.approve_at - now if row.approve_at and row.approve_at > now else None


def data_of(call: page.CallView, saves: str | None, likes: Preferences, words: Words) -> Mapping[str, Any]:
    """What the page's own script needs beside the markup."""
    return {
        "speed": (likes.speed_hundredths or 100) / 100,
        "skip": bool(likes.skips_silence),
        "audio": f"/calls/{call.call_id}/audio" if call.has_audio else None,
        "sound": f"/calls/{call.call_id}/sound" if call.turns or call.has_audio else None,
        "saves": saves,
        "news": f"/calls/{call.call_id}/now",
        "says": {key: words(f"call.{key}") for key in ("moved", "reload", "silent")},
        "beat": f"/calls/{call.call_id}/beat" if call.allowed.score else None,
        "weights": {row.code: {"": float(row.weight)} for row in call.criteria},
        "marks": [{"kind": mark.kind, "label": mark.label, "at_ms": mark.at_ms} for mark in call.marks],
    }
