"""Facts about calls: merged, completed with seller and lead, published when something changed."""

from __future__ import annotations

from services.ingest.domain.call import CallView, registered, view_of, with_fact, with_leg
from services.ingest.domain.claims import canonical
from services.ingest.domain.facts import CallFact, LegFact, RatingFact
from services.ingest.domain.instants import text_of
from services.ingest.domain.lead import lead_for_call
from services.ingest.domain.people import Seat, seat_at, seat_of
from services.ingest.domain.phone import client_of
from services.ingest.domain.recording import RecordingState
from services.ingest.ports import CallIndex, Desk, StoredCall, StoredRating


def call_told(fact: CallFact, desk: Desk) -> None:
    """A statement about a whole call."""
    stored = desk.store.call(fact.ref)
    client = client_of(fact.number, region=desk.region, secret=desk.secret)
    settle(StoredCall(with_fact(stored.call, fact, client), stored.revision, stored.published), desk)


def leg_told(fact: LegFact, desk: Desk) -> None:
    """A statement about one leg."""
    stored = desk.store.call(fact.ref)
    settle(StoredCall(with_leg(stored.call, fact), stored.revision, stored.published), desk)


def settle(stored: StoredCall, desk: Desk) -> None:
    """Saves a call; publishes it with a higher revision when what can be told of it has changed."""
    view = view_of(stored.call)
    if view is None:
        desk.store.save_call(stored, CallIndex())
        return
    content = _content(stored, view, desk)
    index = CallIndex(view.started_at, view.desk, view.responsible, view.client.key if view.client else None)
    if stored.published is not None and canonical(content) == canonical(stored.published):
        desk.store.save_call(stored, index)
        return
    revision = stored.revision + 1
    desk.store.save_call(StoredCall(stored.call, revision, content), index)
    desk.out.emit("call-registered", stored.call.ref.call_id, {**content, "revision": revision})


def _content(stored: StoredCall, view: CallView, desk: Desk) -> dict[str, object]:
    leads = desk.store.leads_of_client(view.client.key) if view.client else []
    lead_id = view.lead_id or lead_for_call(leads, view.started_at)
    recordings = desk.store.recordings_of(stored.call.ref.call_id)
    lost = [recording.reason for recording in recordings if recording.state is RecordingState.LOST]
    whole = any(recording.state is RecordingState.STORED for recording in recordings)
    return registered(
        stored.call,
        view,
        seller=_seller(view, desk),
        desk=_seat(view.desk, view, desk),
        lead_id=lead_id,
        client_known=bool(leads) or view.lead_id is not None,
        recording_lost=lost[0] if lost and not whole else None,
    )


def _seller(view: CallView, desk: Desk) -> Seat | None:
    """Who spoke: by his extension, else as the sender named him."""
    seat = _seat(view.extension, view, desk)
    if seat is None and view.responsible is not None:
        return seat_of(desk.store.statements_of(view.responsible), view.responsible, view.started_at)
    return seat


def _seat(extension: str | None, view: CallView, desk: Desk) -> Seat | None:
    if extension is None:
        return None
    return seat_at(desk.store.statements_about(extension), extension, view.started_at)


def rated(fact: RatingFact, desk: Desk) -> None:
    """The client's rating; of several on one channel the latest counts."""
    call_id = fact.ref.call_id
    before = desk.store.rating(call_id, fact.channel)
    if before is not None and (before.fact.rated_at, before.fact.rating) >= (fact.rated_at, fact.rating):
        return
    desk.store.save_rating(StoredRating(fact))
    desk.out.emit("call-rated", call_id, rating_data(fact))


def rating_data(fact: RatingFact) -> dict[str, object]:
    """The data of `call-rated`."""
    return {
        "call_id": fact.ref.call_id,
        "rating": fact.rating,
        "channel": fact.channel,
        "rated_at": text_of(fact.rated_at),
    }
