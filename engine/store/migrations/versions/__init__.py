"""Revisions of the system tables."""
