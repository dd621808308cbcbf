"""Who may do what: roles, row rules and field grants; passwords and tokens."""

from engine.access.access import Access

__all__ = ["Access"]
