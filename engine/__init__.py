"""The engine: `Workspace` opens a configuration with its database, and hands out steps."""

from engine.workspace import Workspace

__all__ = ["Workspace"]
