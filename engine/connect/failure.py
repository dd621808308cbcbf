"""What goes wrong on the way to an outside system."""

from __future__ import annotations

from datetime import timedelta

from engine.errors import TradewindError


class DeliveryFailed(TradewindError):
    """A call or message did not arrive, or was refused. `code` is what `on_error` catches: `unreachable`, `timeout`, `http_404` …

    `temporary`: the same may succeed later; `wait` is how long the other side asked to wait (Retry-After).
    """

    status = 502

    def __init__(self, code: str, template: str, *, temporary: bool = False, wait: timedelta | None = None, **values: object) -> None:
        super().__init__(template, code=code, **values)
        self.temporary = temporary
        self.wait = wait
