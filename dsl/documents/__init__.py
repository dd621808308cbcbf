"""YAML documents with positions: one document a file, YAML 1.2 core schema, problems at line and column."""

from dsl.documents.document import Document, Node
from dsl.documents.reader import Loaded, load

__all__ = ["Document", "Loaded", "Node", "load"]
