"""The search index over dialogues: SQLite FTS5 over our stems, PostgreSQL full text with its Russian dictionary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Connection, cast, column, delete, func, insert, select, table, text
from sqlalchemy.dialects.postgresql import REGCONFIG

from services.review.adapters import access_log
from services.review.adapters.call_list import call_list
from services.review.adapters.tables import calls
from services.review.adapters.tables_people import search_texts
from services.review.domain.people import Viewer
from services.review.domain.search import Said, SearchQuery, folded, parse, places, stems
from services.review.domain.views import NEWEST, CallFilters, CallSort
from services.review.ports.pages import Found, Hit
from services.runtime.database import Database, database_now
from services.runtime.errors import PermanentError, Refusal
from services.runtime.queue import Received, Route, Tx
from services.runtime.storage import ObjectStorage

TOPIC = "search-index"
PLACES_OF_A_CALL = 5
# The index itself, which the metadata does not know: a virtual table here, tsvectors there.
FTS5 = table("search_index", column("rowid"), column("stems"))
TSVECTORS = table("search_index", column("call_id"), column("stems"))


class BadSearch(Refusal):
    """There is nothing to look for in what was typed."""

    code = "bad_query"

    def __init__(self) -> None:
        super().__init__("Type one or more words, at most twenty; a minus before a word leaves it out.")


def index(connection: Connection, call_id: str, dialogue: Sequence[Said]) -> None:
    """Makes the dialogue the one that is searched for this call; an earlier one is forgotten."""
    number = connection.execute(select(calls.c.number).where(calls.c.call_id == call_id)).scalar_one_or_none()
    if number is None:
        raise PermanentError("A dialogue of a call that nobody knows.")
    forget(connection, [call_id])
    stored = json.dumps([[said.turn, said.start_ms, said.text] for said in dialogue], ensure_ascii=False)
    connection.execute(
        insert(search_texts).values(
            call_id=call_id, rowid_key=number, utterances=stored, indexed_at=database_now(connection)
        )
    )
    if connection.dialect.name == "sqlite":
        line = " \n ".join(" ".join(stems(said.text)) for said in dialogue)
        insertion = text("INSERT INTO search_index (rowid, stems) VALUES (:number, :line)")
        connection.execute(insertion, {"number": number, "line": line})
        return
    insertion = text("INSERT INTO search_index (call_id, stems) VALUES (:call_id, to_tsvector('russian', :line))")
    connection.execute(
        insertion, {"call_id": call_id, "line": "\n".join(_for_postgres(said.text) for said in dialogue)}
    )


def forget(connection: Connection, call_ids: Sequence[str]) -> int:
    """Removes dialogues from the index; how many."""
    if connection.dialect.name == "sqlite":
        for call_id in call_ids:
            connection.execute(
                text(
                    "DELETE FROM search_index WHERE rowid = "
                    "(SELECT rowid_key FROM search_texts WHERE call_id = :call_id)"
                ),
                {"call_id": call_id},
            )
    return int(connection.execute(delete(search_texts).where(search_texts.c.call_id.in_(call_ids))).rowcount)


def _for_postgres(line: str) -> str:
    """The text as PostgreSQL's parser should see it: words only, ё as е, so that both databases cut alike."""
    return "".join(sign if sign.isalnum() else " " for sign in folded(line))


def said_in(connection: Connection, query: SearchQuery) -> ColumnElement[bool]:
    """The calls in whose dialogue it was said, as a condition on the list of calls."""
    if connection.dialect.name == "sqlite":
        found = (
            select(search_texts.c.call_id)
            .join(FTS5, FTS5.c.rowid == search_texts.c.rowid_key)
            .where(text("search_index MATCH :match").bindparams(match=_fts5(query)))
        )
    else:
        found = select(TSVECTORS.c.call_id).where(TSVECTORS.c.stems.op("@@")(_tsquery(query)))
    return calls.c.call_id.in_(found)


def _fts5(query: SearchQuery) -> str:
    """FTS5's language; stems hold letters and digits only, so nothing can break out of the quotes."""
    wanted = " AND ".join(f'"{" ".join(part)}"' for part in query.wanted)
    unwanted = " OR ".join(f'"{" ".join(part)}"' for part in query.unwanted)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _tsquery(query: SearchQuery) -> Any:
    """PostgreSQL's functions joined: each wanted word or phrase, none of the unwanted."""
    russian = cast("russian", REGCONFIG)
    wanted = [func.phraseto_tsquery(russian, " ".join(part)) for part in query.wanted_words]
    unwanted = [func.tsquery_not(func.phraseto_tsquery(russian, " ".join(part))) for part in query.unwanted_words]
    return reduce(func.tsquery_and, [*wanted, *unwanted])


class Search:
    """Finds calls by what was said in them, among those that the viewer may see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self,
        viewer: Viewer,
        asked: str,
        filters: CallFilters,
        cursor: str | None,
        limit: int,
        sort: CallSort = NEWEST,
    ) -> Found:
        """In the order asked for, up to five places a call. Raises BadSearch, BadCursor. Each call shown is noted."""
        query = parse(asked)
        if query is None:
            raise BadSearch
        with self._database.read() as connection:
            page = call_list(
                connection,
                viewer,
                filters,
                now=database_now(connection),
                sort=sort,
                cursor=cursor,
                limit=limit,
                extra=[said_in(connection, query)],
            )
            hits = _hits(connection, query, [row.call_id for row in page.rows])
        if page.rows:
            with self._database.begin() as connection:
                access_log.note(
                    connection,
                    viewer=viewer,
                    kind="search",
                    object_kind="call",
                    object_ids=[row.call_id for row in page.rows],
                    fields=["transcript_hits"],
                )
        return Found(page.rows, hits, page.next_cursor)


def _hits(connection: Connection, query: SearchQuery, call_ids: Sequence[str]) -> dict[str, tuple[Hit, ...]]:
    found = {}
    rows = connection.execute(
        select(search_texts.c.call_id, search_texts.c.utterances).where(search_texts.c.call_id.in_(call_ids))
    )
    for row in rows:
        dialogue = [Said(*said) for said in json.loads(row.utterances)]
        found[row.call_id] = tuple(
            Hit(place.turn, place.start_ms, place.pieces()) for place in places(query, dialogue)[:PLACES_OF_A_CALL]
        )
    return found


class SearchIndexer:
    """Reads a dialogue from object storage and indexes it, as a job of its own after `transcript-completed`."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage

    def later(self, tx: Tx, call_id: str, transcript_id: str, uri: str) -> None:
        """Puts the job; once a transcript."""
        tx.later(TOPIC, call_id, {"call_id": call_id, "uri": uri}, event_id=f"{TOPIC}-{transcript_id}")

    def route(self) -> Route:
        """For the worker."""
        return Route(TOPIC, self._write, prepare=self._read)

    def _read(self, received: Received) -> list[Said]:
        try:
            said = json.loads(self._storage.get(received.data["uri"]))["utterances"]
            return [Said(turn, int(each["start_ms"]), str(each["text"])) for turn, each in enumerate(said)]
        except (KeyError, ValueError, TypeError) as error:
            raise PermanentError("The transcript cannot be read.") from error

    def _write(self, received: Received, dialogue: list[Said], tx: Tx) -> None:
        index(tx.connection, received.data["call_id"], dialogue)
