"""A database, and models of one entity that change from test to test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, insert, select

from engine.model import build
from engine.model.model import Model
from engine.store import Schema, connect
from engine.store.database import Database
from engine.store.migrate import migrate
from engine.store.plan import apply, plan

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def model(*fields: str, **more: str) -> Model:
    """A model with the entity `thing` of these fields, and further documents."""
    thing = "entity: thing\nfields:\n" + "".join(f"  {field}\n" for field in fields) + more.pop("thing", "")
    files = {"workspace.yaml": "workspace: shop\n", "entities/thing.yaml": thing}
    built = build(files | {f"entities/{name}.yaml": text for name, text in more.items()})
    assert built.model is not None, [str(problem) for problem in built.problems]
    return built.model


class Store:
    """A migrated database into which models are published."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction(readonly=False) as connection:
            migrate(connection)

    def do(self, work: Callable[[Connection], object]) -> object:
        with self.database.transaction(readonly=False) as connection:
            return work(connection)

    def plan(self, model: Model) -> list[str]:
        return [step.text for step in self.do(lambda connection: plan(connection, Schema(model))) if step.text]

    def publish(self, model: Model) -> Schema:
        schema = Schema(model)
        self.do(lambda connection: apply(connection, plan(connection, schema)))
        return schema

    def add(self, schema: Schema, *rows: dict[str, object]) -> None:
        filled = [{"version": 1, "created_at": NOW, "updated_at": NOW, "archived": False} | row for row in rows]
        self.do(lambda connection: connection.execute(insert(schema.table("thing")), filled))

    def values(self, schema: Schema, field: str) -> list[object]:
        column = schema.table("thing").c[field]
        return self.do(lambda connection: list(connection.execute(select(column).order_by("id")).scalars()))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty database whose system tables are up to date."""
    database = connect(database_url)
    yield Store(database)
    database.close()
