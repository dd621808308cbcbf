"""The way from a POST into the engine: one step, and with an Idempotency-Key one answer however often it comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, abort, current_app, request

from admin.web import perform
from engine.access import answers
from engine.workspace import Step

LONGEST_KEY = 255
KEPT_HEADERS = ("Content-Type", "ETag", "Location")


def answered(work: Callable[[Step], Response], *, confirm: bool = False) -> Response:
    """Do `work` in a step and give its answer. With a key the answer is kept in the same transaction as what was done."""
    key = wanted_key()
    if key is None:
        return perform(work, origin="api", confirm=confirm)

    def once(step: Step) -> Response:
        before = answers.claim(step, key, digest())
        if before is not None:
            return again(before)
        answer = work(step)
        step.settle()
        answers.keep(step, key, noted(answer))
        return answer

    return perform(once, origin="api", confirm=confirm)


def answered_alone(work: Callable[[], Response]) -> Response:
    """The same for work that opens steps of its own and changes nothing the second time; its answer is kept after it."""
    key = wanted_key()
    if key is None:
        return work()
    before = perform(lambda step: answers.kept(step, key, digest()), readonly=True, origin="api")
    if before is not None:
        return again(before)
    answer = work()

    def note(step: Step) -> None:
        if answers.claim(step, key, digest()) is None:
            answers.keep(step, key, noted(answer))

    if answer.status_code < 300:
        perform(note, origin="api")
    return answer


def wanted_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        abort(400, f"Idempotency-Key takes 1 to {LONGEST_KEY} printable ASCII characters, such as a UUID")
    return key


def digest() -> str:
    """What makes a request the same: method, address and body."""
    told = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return hashlib.sha256(told).hexdigest()


def noted(answer: Response) -> dict[str, Any]:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    return {"status": answer.status_code, "headers": headers, "body": answer.get_data(as_text=True)}


def again(before: answers.Answer) -> Response:
    answer: Response = current_app.response_class(before["body"], before["status"], dict(before["headers"]))
    answer.headers["Idempotency-Replayed"] = "true"
    return answer
