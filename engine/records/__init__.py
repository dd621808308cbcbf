"""Records: created, read, changed, archived; computed fields, rules, numbers, queries, history."""

from engine.records.record import Record
from engine.records.service import Page, Preview, Records

__all__ = ["Page", "Preview", "Record", "Records"]
