"""What people said about how they like the pages, in the database."""

from __future__ import annotations

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters.tables_people import people, preferences
from services.review.domain.people import Language
from services.review.domain.preferences import Preferences


def read(connection: Connection, person_id: str) -> Preferences:
    """A person's; nothing said when there is no row."""
    row = connection.execute(select(preferences).where(preferences.c.person_id == person_id)).one_or_none()
    if row is None:
        return Preferences()
    language = Language(row.language) if row.language else None
    return Preferences(language, row.theme, row.speed_hundredths, row.skips_silence)


def keep(connection: Connection, person_id: str, said: Preferences) -> None:
    """Puts what is said over what was; notices come in the chosen language too."""
    if not said.said:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insertion = dialect.insert(preferences).values(person_id=person_id, **said.said)
    connection.execute(insertion.on_conflict_do_update(index_elements=["person_id"], set_=said.said))
    if said.language is not None:
        connection.execute(update(people).where(people.c.person_id == person_id).values(language=said.language.value))
