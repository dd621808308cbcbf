"""Documents, layers and the typed, immutable model that the rest of the engine runs on."""

from engine.model.build import Built, build
from engine.model.loading import load_folder
from engine.model.schema import KINDS, schema

__all__ = ["KINDS", "Built", "build", "load_folder", "schema"]
