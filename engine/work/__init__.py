"""Work that waits for its time: jobs, timers, the embedded worker."""

from engine.work.jobs import Job
from engine.work.worker import Worker, fire_due

__all__ = ["Job", "Worker", "fire_due"]
