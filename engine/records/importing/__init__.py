"""Import: rows of CSV and XLSX files become records, by a mapping file, under every rule of the entity."""

from engine.records.importing.mapping import Mapping, default_mapping, keyed, read_mapping
from engine.records.importing.run import Report, run_import
from engine.records.importing.tables import Table, read_table

__all__ = ["Mapping", "Report", "Table", "default_mapping", "keyed", "read_mapping", "read_table", "run_import"]
