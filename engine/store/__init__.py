"""The database: tables of a model, system tables, exact types, migration, connections."""

from engine.store.database import connect
from engine.store.schema import Schema

__all__ = ["Schema", "connect"]
