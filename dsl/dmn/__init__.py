"""DMN XML (OMG DMN 1.1 to 1.5): read safely, compiled once, decided over the requirements graph, and written."""

from dsl.dmn.deciding import Model, compile_models
from dsl.dmn.model import Definitions
from dsl.dmn.reading import Read, read

__all__ = ["Definitions", "Model", "Read", "compile_models", "read"]
