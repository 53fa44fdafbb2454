"""Takes the counted sample of each department's working day, once, in order, and catches up after downtime."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.review.domain.calendar import days_due
from services.review.domain.sampling import Drawn, draw
from services.review.handlers.listening import send_sampled
from services.review.ports.stores import Work


def sample_next(work: Work) -> bool:
    """Takes the oldest sample that any department still owes; False when none is due."""
    for department_id, zone in work.samples.departments():
        calendar = work.samples.calendar(department_id, zone)
        first = work.samples.first_call_date(department_id, zone)
        if first is None:
            continue
        last = work.samples.last_date(department_id) or first - timedelta(days=1)
        day = next(days_due(calendar, max(last, first - timedelta(days=1)), work.now), None)
        if day is not None:
            sample_day(work, department_id, day, calendar.end_of(day))
            return True
    return False


def sample_by_hand(work: Work, department_id: str, local_date: date) -> Drawn | None:
    """The sample of a day, now: of the calls before the end of that local date. None when it was taken before."""
    zone = dict(work.samples.departments())[department_id]
    midnight = datetime.combine(local_date + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return sample_day(work, department_id, local_date, min(midnight.astimezone(UTC), work.now))


def sample_day(work: Work, department_id: str, local_date: date, cutoff_at: datetime) -> Drawn | None:
    """Draws and sends one day's sample; None when that day was sampled already.

    Every call that began before the cutoff and was in no sample yet takes part, so that nothing is missed or doubled
    when events come late or the system was down.
    """
    controllers = work.tasks.load_by_controller(department_id)
    drawn = draw(
        department_id,
        local_date,
        cutoff_at,
        work.samples.candidates(department_id, cutoff_at),
        work.rules.sample(len(controllers)),
        work.new_id(),
    )
    if not work.samples.add(drawn, work.now):
        return None
    for line in drawn.chosen:
        call = work.calls.load(line.call_id)
        if call is not None:
            why = f"sample {department_id} {local_date.isoformat()}"
            send_sampled(work, call, why=why, blind=line.blind, double=line.double)
    return drawn
