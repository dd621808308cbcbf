"""Outside systems: HTTP, mail, signatures and secrets. Nothing here knows of jobs or opens transactions."""

from engine.connect.delivery import OUTSIDE, deliver
from engine.connect.failure import DeliveryFailed

__all__ = ["OUTSIDE", "DeliveryFailed", "deliver"]
