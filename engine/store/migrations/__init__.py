"""Alembic scripts for the system tables; `engine.store.migrate` runs them."""
