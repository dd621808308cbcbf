"""Indexes for substring search: which rows may hold a text, found by its grams, its runs of one to three characters.

A trigram index (SQLite's FTS5 `trigram`, PostgreSQL's `pg_trgm`) finds nothing shorter than three characters, and most Chinese words have
two. So the grams are made by a function `tw_grams` of both databases: in SQLite they go into an FTS5 table that triggers keep beside the
table, in PostgreSQL into a GIN index over them. What they find is compared with the text itself afterwards.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, column, func, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import array

from engine.model.model import Entity, Field

SEARCHED = ("text", "long_text", "email", "phone")
NAMING = ("name", "number", "title", "code", "subject")
WORD = re.compile(r"[A-Za-z0-9\u0080-\U0010ffff]+")
FIRST_IDEOGRAPH = "\u2e80"  # from here on a single character is a gram, too
LONGEST_GRAM = 3
COMMON = 2000  # rows that may hold a text
FUNCTION = r"""
CREATE OR REPLACE FUNCTION tw_grams(input text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  found text[] := '{}';
  word text;
  size int;
BEGIN
  FOREACH word IN ARRAY regexp_split_to_array(lower(input), '[\x01-\x2f\x3a-\x60\x7b-\x7f]+') LOOP
    size := length(word);
    FOR place IN 1 .. size LOOP
      IF ascii(substr(word, place, 1)) >= 11904 THEN found := found || substr(word, place, 1); END IF;
      IF place < size THEN found := found || substr(word, place, 2); END IF;
      IF place < size - 1 THEN found := found || substr(word, place, 3); END IF;
    END LOOP;
  END LOOP;
  RETURN found;
END $$
"""
"""PostgreSQL's `tw_grams`. In PL/pgSQL, since as one SELECT it took 9 ms a text, and so 35 µs."""


def searched_fields(entity: Entity) -> list[Field]:
    """The fields that a search looks into: those with `search` and those that name the record, else the first texts."""
    texts = [field for field in entity.fields.values() if field.type in SEARCHED]
    naming = {*NAMING, entity.number.field} if entity.number is not None else {*NAMING}
    return [field for field in texts if field.search or field.name in naming] or texts[:2]


def is_indexed(entity: Entity) -> bool:
    return entity.parent is None and any(field.search and field.type in SEARCHED for field in entity.fields.values())


def grams(text: str | None) -> str:
    """All grams of a text, separated by spaces: SQLite's `tw_grams`."""
    found: dict[str, None] = {}
    for word in WORD.findall((text or "").lower()):
        for size in range(1, LONGEST_GRAM + 1):
            found |= dict.fromkeys(word[at : at + size] for at in range(len(word) - size + 1))
    return " ".join(gram for gram in found if gram.isalnum() and (len(gram) > 1 or gram >= FIRST_IDEOGRAPH))


def asked(text: str) -> list[str]:
    """The grams that a row must have to hold the text: the longest of each word; none if it is too short to say."""
    found: dict[str, None] = {}
    for word in WORD.findall(text):
        size = min(LONGEST_GRAM, len(word))
        found |= dict.fromkeys(word[at : at + size] for at in range(len(word) - size + 1))
    return [gram for gram in found if gram.isalnum() and (len(gram) > 1 or gram >= FIRST_IDEOGRAPH)]


def candidates(dialect: str, entity: Entity, alias: FromClause, wanted: str) -> ColumnElement[bool] | None:
    """Which rows may hold the text; None where the index cannot say."""
    parts = asked(wanted.lower() if dialect == "sqlite" else wanted) if is_indexed(entity) else []
    if not parts:
        return None
    if dialect == "sqlite":
        return alias.c.id.in_(_with(entity, parts))
    return func.tw_grams(searched_text(entity, alias)).op("@>")(array([func.lower(part) for part in parts]))


def is_common(connection: Connection, entity: Entity, wanted: str) -> bool:
    """Whether so many rows may hold the text that going through them in their order meets enough soon.

    SQLite would collect all of them first; PostgreSQL knows how many there are and chooses by itself.
    """
    parts = asked(wanted.lower()) if connection.dialect.name == "sqlite" and is_indexed(entity) else []
    query = select(func.count()).select_from(_with(entity, parts).limit(COMMON).subquery())
    return bool(parts) and connection.execute(query).scalar_one() == COMMON


def _with(entity: Entity, parts: list[str]) -> Select[Any]:
    """The ids of SQLite's rows that have all these grams."""
    name = index_name(entity)
    match = text(f'"{name}" MATCH :tw_grams').bindparams(tw_grams=" AND ".join(f'"{part}"' for part in parts))
    return select(column("rowid")).select_from(table(name)).where(match)


def searched_text(entity: Entity, alias: FromClause) -> ColumnElement[Any]:
    """The searched columns as one text; written with literals, as PostgreSQL compares it with the index's expression."""
    nothing: ColumnElement[Any] = literal_column("''")
    space: ColumnElement[Any] = literal_column("' '")
    first, *others = [func.coalesce(alias.c[field.name], nothing) for field in searched_fields(entity)]
    together: ColumnElement[Any] = first
    for each in others:
        together = together.op("||")(space).op("||")(each)
    return together


def index_name(entity: Entity) -> str:
    """Tells which fields are in it, so that another choice of fields is another index."""
    fields = " ".join([entity.table, *(field.name for field in searched_fields(entity))])
    return f"tw_search_{entity.table[:30]}_{hashlib.sha256(fields.encode()).hexdigest()[:8]}"


# ---- making them ----


def live_indexes(connection: Connection) -> set[str]:
    """The names of the search indexes that there are."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'tw\\_search\\_%' ESCAPE '\\' AND sql LIKE '%fts5%'"
    else:
        query = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'tw\\_search\\_%'"
    return set(connection.execute(text(query)).scalars())


def statements(connection: Connection, entity: Entity) -> Iterator[str]:
    """What makes the index of an entity and fills it from the rows that there are."""
    name, quote = index_name(entity), connection.dialect.identifier_preparer.quote
    columns = [quote(field.name) for field in searched_fields(entity)]
    target = quote(entity.table)
    if connection.dialect.name != "sqlite":
        joined = " || ' ' || ".join(f"coalesce({each}, '')" for each in columns)
        yield f"CREATE INDEX {quote(name)} ON {target} USING gin (tw_grams({joined}))"
        return

    def of(row: str) -> str:
        return "tw_grams(" + " || ' ' || ".join(f"coalesce({row}{each}, '')" for each in columns) + ")"

    options = "content='', detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 0'"
    yield f'CREATE VIRTUAL TABLE "{name}" USING fts5(grams, {options})'
    yield f"""INSERT INTO "{name}"(rowid, grams) SELECT id, {of("")} FROM {target}"""
    add = f"""INSERT INTO "{name}"(rowid, grams) VALUES (new.id, {of("new.")});"""
    remove = f"""INSERT INTO "{name}"("{name}", rowid, grams) VALUES ('delete', old.id, {of("old.")});"""
    yield f"""CREATE TRIGGER "{name}_insert" AFTER INSERT ON {target} BEGIN {add} END"""
    yield f"""CREATE TRIGGER "{name}_delete" AFTER DELETE ON {target} BEGIN {remove} END"""
    changed = " OR ".join(f"old.{each} IS NOT new.{each}" for each in columns)
    yield f"""CREATE TRIGGER "{name}_update" AFTER UPDATE OF {", ".join(columns)} ON {target} WHEN {changed} BEGIN {remove} {add} END"""


def removal(connection: Connection, name: str) -> Iterator[str]:
    """What drops a search index."""
    if connection.dialect.name != "sqlite":
        yield f'DROP INDEX "{name}"'
        return
    yield from (f'DROP TRIGGER IF EXISTS "{name}_{event}"' for event in ("insert", "delete", "update"))
    yield f'DROP TABLE "{name}"'

