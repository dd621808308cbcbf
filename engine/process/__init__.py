"""Processes: graph, interpreter, tasks and approvals (spec 3)."""
