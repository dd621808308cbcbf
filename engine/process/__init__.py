"""Processes: graph, interpreter, tasks and approvals (spec 3)."""

from engine.process.instance import Instance
from engine.process.processes import AvailableAction, Processes
from engine.process.progress import Stage
from engine.process.tasks import Decision, SeatInfo, Task, Tasks

__all__ = ["AvailableAction", "Decision", "Instance", "Processes", "SeatInfo", "Stage", "Task", "Tasks"]
