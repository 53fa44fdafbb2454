"""A language model behind an OpenAI-compatible address as the drafts' second reader; whatever it answers, we decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from schemas import codec
from services.runtime.errors import InvalidEvent
from services.score.adapters.judge_prompt import answer_schema, messages
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import Draft
from services.score.domain.judging import Opinion, Quote, weigh
from services.score.domain.scorecard import Scorecard
from services.score.domain.spoken_orders import holds_orders

LARGEST_ANSWER = 262_144
TRIES = 3
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 5.0
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 60.0
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class JudgeUseless(Exception):
    """No opinion could be had; `outcome` is one word for the draft's models and for metrics."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome
        super().__init__(outcome)


@dataclass(frozen=True)
class JudgeSettings:
    """Where the model is and how much it may do."""

    url: str  # up to and with /v1
    model: str
    api_key: str = ""
    timeout_seconds: float = 60
    budget_points: Decimal = Decimal(4)


class ChatJudge:
    """See `ports.Judge`. Never raises for what the model or the network does: the draft then stands as it was."""

    def __init__(
        self,
        settings: JudgeSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        counted: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._clock = clock
        self._counted = counted
        self._failures = 0
        self._open_until = 0.0

    def judge(self, dialogue: Dialogue, draft: Draft, scorecard: Scorecard) -> Draft:
        """The draft after the second opinion; `models` says what came of it."""
        try:
            opinions = self._opinions(dialogue, draft, scorecard)
        except JudgeUseless as useless:
            return self._noted(draft, useless.outcome)
        weighed = weigh(draft, opinions, dialogue, scorecard, self._settings.budget_points)
        figures = f"agreed {weighed.agreed} moved {weighed.moved} doubted {weighed.doubted} refused {weighed.refused}"
        return self._noted(weighed.draft, "weighed", figures)

    def _noted(self, draft: Draft, outcome: str, figures: str = "") -> Draft:
        self._counted(outcome)
        note = f"judge:{self._settings.model}@{outcome}" + (f" ({figures})" if figures else "")
        return replace(draft, models=(*draft.models, note[:200]))

    def _opinions(self, dialogue: Dialogue, draft: Draft, scorecard: Scorecard) -> list[Opinion]:
        if holds_orders(dialogue):
            raise JudgeUseless("not-asked-call-speaks-to-it")
        if not draft.criteria or not dialogue.utterances:
            raise JudgeUseless("not-asked-nothing-to-judge")
        if self._clock() < self._open_until:
            raise JudgeUseless("not-asked-after-failures")
        codes = [item.criterion for item in draft.criteria]
        body = {
            "model": self._settings.model,
            "messages": messages(dialogue, scorecard, codes),
            "temperature": 0,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "opinions", "strict": True, "schema": answer_schema(codes)},
            },
        }
        try:
            opinions = read_answer(self._ask(body), codes)
        except JudgeUseless:
            self._failed()
            raise
        self._failures = 0
        return opinions

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= FAILURES_TO_OPEN:
            self._open_until = self._clock() + OPEN_SECONDS
            self._failures = 0

    def _ask(self, body: Mapping[str, Any]) -> bytes:
        """The answer's bytes; what may pass by itself is tried again within the time that one answer has."""
        until = self._clock() + self._settings.timeout_seconds
        outcome = "timeout"
        for attempt in range(TRIES):
            left = until - self._clock()
            if left <= 0:
                break
            try:
                return self._once(body, until, left)
            except _Passing as passing:
                outcome = passing.outcome
                wait = min(passing.wait_seconds or FIRST_WAIT_SECONDS * 2**attempt, LONGEST_WAIT_SECONDS)
                if attempt + 1 < TRIES and self._clock() + wait < until:
                    self._sleep(wait)
        raise JudgeUseless(outcome)

    def _once(self, body: Mapping[str, Any], until: float, left: float) -> bytes:
        headers = {"Accept-Encoding": "identity"}  # nothing that could grow when it is unpacked
        if self._settings.api_key:
            headers["Authorization"] = f"Bearer {self._settings.api_key}"
        # no proxy or credentials from the environment, no redirects: the words of a call go where the firm said
        with httpx.Client(timeout=left, trust_env=False, follow_redirects=False) as client:
            try:
                address = f"{self._settings.url.rstrip('/')}/chat/completions"
                with client.stream("POST", address, json=dict(body), headers=headers) as answer:
                    return self._whole(answer, until)
            except httpx.TimeoutException:
                raise _Passing("timeout") from None
            except (httpx.HTTPError, httpx.InvalidURL):
                raise _Passing("unreachable") from None

    def _whole(self, answer: httpx.Response, until: float) -> bytes:
        if answer.status_code in AGAIN:
            raise _Passing(f"http-{answer.status_code}", _seconds(answer.headers.get("retry-after")))
        if answer.status_code != 200:
            raise JudgeUseless(f"http-{answer.status_code}")
        whole = bytearray()
        for piece in answer.iter_raw():  # as it comes: a byte now and then must not outlast the time
            whole += piece
            if len(whole) > LARGEST_ANSWER:
                raise JudgeUseless("answer-too-long")
            if self._clock() > until:
                raise _Passing("timeout")
        return bytes(whole)


class _Passing(Exception):
    """A fault that may pass by itself."""

    def __init__(self, outcome: str, wait_seconds: float | None = None) -> None:
        self.outcome = outcome
        self.wait_seconds = wait_seconds
        super().__init__(outcome)


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdecimal() else None


def read_answer(raw: bytes, codes: list[str]) -> list[Opinion]:
    """The opinions in an answer; nothing is guessed from half of one. Raises JudgeUseless."""
    try:
        choice = codec.from_json(raw)["choices"][0]
        if choice.get("finish_reason") not in (None, "stop"):
            raise JudgeUseless("answer-cut-short")
        content = codec.from_json(choice["message"]["content"])
    except (InvalidEvent, KeyError, IndexError, TypeError, AttributeError):
        raise JudgeUseless("answer-unreadable") from None
    if not Draft202012Validator(answer_schema(codes)).is_valid(content):
        raise JudgeUseless("answer-breaks-schema")
    given = [item["criterion"] for item in content["items"]]
    if len(set(given)) != len(given):
        raise JudgeUseless("answer-breaks-schema")
    return [_opinion(item) for item in content["items"]]


def _opinion(item: Mapping[str, Any]) -> Opinion:
    score = None if item["score"] == "na" else Decimal(item["score"])
    return Opinion(item["criterion"], score, tuple(Quote(quote["turn"], quote["words"]) for quote in item["quotes"]))


def judge_of(spec: str, **more: Any) -> ChatJudge:
    """A judge from `URL` or `URL#model`, for the command line; `more` as `ChatJudge` takes it."""
    url, _, model = spec.partition("#")
    return ChatJudge(JudgeSettings(url=url, model=model or "default"), **more)
