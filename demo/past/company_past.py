"""The past weeks as a whole: calls arrive, samples are drawn, controllers score, sellers appeal, heads decide."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import Connection

from demo.company import load_company
from demo.past.acts import Acts
from demo.past.clock import PastDatabase
from demo.past.material import Material
from demo.past.timeline import Timeline
from demo.past.weeks import DAYS, calls_of
from demo.plan import load_plan
from services.review.adapters.agreement_job import AgreementJob
from services.review.adapters.company_file import read_company
from services.review.adapters.desk import RealDesks
from services.review.adapters.hand_over import WorkHandOver
from services.review.adapters.secrets_of_house import Argon2Hasher
from services.review.app import make_rules
from services.review.domain.appeals import APPEAL_TIME
from services.review.domain.evaluation import EvaluationKind
from services.review.domain.people import SYSTEM, Viewer
from services.review.handlers.people import deactivate, import_people
from services.review.settings import Settings
from services.runtime.migrations import migrate
from services.runtime.storage import ObjectStorage

SEED = 20261124
# The firm's settings of those weeks: more calls scored blind and twice than by default, to learn how far to trust.
BLIND, DOUBLE = Decimal(30), Decimal(45)
WORK_BEGINS = time(9, 30)
EVENING = time(19, 0)
SLOT = timedelta(minutes=9)  # from one evaluation of a morning to the next
SECOND_AFTER = timedelta(hours=5)
LEFT_UNDONE = 0.03
APPEALED = 0.13
FORMER, FORMER_STAYS = "vera", 0.7  # of the weeks
ADMIN = "anna"
# A transaction keeps others from writing: few acts at once while the day is played; arrivals are quick.
ARRIVALS_AT_ONCE, ACTS_AT_ONCE = 20, 4
MONTH_CLOSES = 4  # the day of the month on which the one before is closed


class CompanyPast:
    """Writes the `days` days before `day` into review, up to `now` (aware). `people_file` is the company's file."""

    def __init__(self, people_file: Path, day: date, now: datetime, days: int = DAYS) -> None:
        self._file, self._day, self._now, self._days = people_file, day, now, days
        self._company = load_company()
        self._first = day - timedelta(days=days)
        self._rng = random.Random(SEED)
        self._timeline = Timeline()
        self._appealed_today: set[str] = set()
        self._words: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))

    def write(self, people_in: Callable[[], None]) -> None:
        """Everything up to now; tells when the people are in."""
        settings = Settings.load()
        url = settings.database("review", settings.review_database_url)
        migrate(url, "services.review")
        began = self._moment(self._first - timedelta(days=1), WORK_BEGINS)
        database = PastDatabase(url, began)
        try:
            self._write(database, settings, people_in)
        finally:
            database.close()

    def _write(self, database: PastDatabase, settings: Settings, people_in: Callable[[], None]) -> None:
        desks = RealDesks(database, WorkHandOver)
        departments, newcomers = read_company(self._file)
        import_people(desks, Argon2Hasher(), SYSTEM, departments, newcomers)
        people_in()
        people = {each.person.person_id: each.person for each in newcomers}
        rules = replace(make_rules(settings), blind_percent=BLIND, double_percent=DOUBLE)
        acts = Acts(database, people, rules, self._words, self._rng)
        arrivals = self._arrivals(acts, Material(load_plan().dialogues, ObjectStorage(settings.storage())))
        arrivals.run(database, self._now, at_once=ARRIVALS_AT_ONCE)
        self._plan(acts)
        leaves = self._moment(self._first + timedelta(days=round(self._days * FORMER_STAYS)), EVENING)
        self._timeline.run(database, leaves, at_once=ACTS_AT_ONCE)
        database.moment = leaves
        with desks() as desk:
            deactivate(desk, Viewer.of(people[ADMIN]), FORMER, why=self._words["why_left"])
        self._timeline.run(database, self._now, at_once=ACTS_AT_ONCE)
        database.moment = self._now
        AgreementJob(database, rules).step()

    def _arrivals(self, acts: Acts, material: Material) -> Timeline:
        timeline = Timeline()
        last = self._day - timedelta(days=1)
        for call in calls_of(self._company, last, material.rates("call_center"), SEED, self._days):
            heard = material.of(call)
            timeline.at(heard.drafted_at, partial(acts.arrive, heard=heard))
        return timeline

    def _plan(self, acts: Acts) -> None:
        """The ends of the days; everything else follows from them."""
        for number in range(self._days):
            day = self._first + timedelta(days=number)
            evening = self._moment(day, EVENING)
            self._timeline.at(evening, partial(self._end_of_day, acts=acts, moment=evening, day=day))
            if day.day == MONTH_CLOSES and number:
                month = f"{day - timedelta(days=MONTH_CLOSES):%Y-%m}"
                self._timeline.at(evening, partial(acts.close_month, moment=evening, month=month, admin=ADMIN))

    def _end_of_day(self, connection: Connection, *, acts: Acts, moment: datetime, day: date) -> None:
        """The samples of the day; what they chose is scored next morning, one after the other."""
        chosen: list[tuple[str, str]] = []
        for department in self._company.departments:
            chosen += [(department.id, call_id) for call_id in acts.sample(connection, moment, department.id, day)]
        morning = self._moment(day + timedelta(days=1), WORK_BEGINS)
        for place, (department_id, call_id) in enumerate(chosen):
            if self._rng.random() < LEFT_UNDONE:
                continue
            at = morning + place * SLOT
            story = partial(self._story, acts=acts, moment=at, call_id=call_id, department_id=department_id)
            self._timeline.at(at, story)

    def _story(self, connection: Connection, *, acts: Acts, moment: datetime, call_id: str, department_id: str) -> None:
        """A call is scored, perhaps appealed and decided, else approved in time: all that has happened by now.

        In one transaction, because the system that runs already would approve in its own time what is overdue.
        """
        appealable = acts.evaluate(connection, moment, call_id, EvaluationKind.COUNTED)
        acts.evaluate(connection, moment + SECOND_AFTER, call_id, EvaluationKind.SECOND)
        first_today = moment.date() == self._day and department_id not in self._appealed_today
        if appealable and (first_today or self._rng.random() < APPEALED):
            self._appealed_today |= {department_id} if first_today else set()
            appealed = moment + timedelta(minutes=self._rng.randrange(60, 300))
            decided = appealed + timedelta(hours=self._rng.randrange(20, 44))
            if appealed <= self._now:
                acts.appeal(connection, appealed, call_id)
            if decided <= self._now:
                acts.decide(connection, decided, call_id)
            return
        over = moment + APPEAL_TIME + timedelta(minutes=10)
        if over <= self._now:
            acts.approve(connection, over)

    def _moment(self, day: date, at: time) -> datetime:
        """A time of a day where the company's first department is."""
        return datetime.combine(day, at, ZoneInfo(self._company.departments[0].zone))
