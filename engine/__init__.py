"""The engine: `Workspace` opens a configuration with its database, and hands out steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.workspace import Workspace

__all__ = ["Workspace"]


def __getattr__(name: str) -> Any:
    """Load the workspace only where it is used: checking a folder needs no database."""
    if name == "Workspace":
        from engine.workspace import Workspace

        return Workspace
    raise AttributeError(name)
