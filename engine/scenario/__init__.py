"""Scenario tests (spec 4.3): `test` documents played on a scratch database through the services of the UI and the
API.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dsl.documents import Document
from dsl.problems import InvalidText
from engine.clock import MovableClock
from engine.errors import TradewindError
from engine.model.model import Model, ScenarioTest
from engine.scenario.failure import Wrong
from engine.scenario.play import Play, said, start_of
from engine.scenario.scratch import Scratch
from engine.work import schedules

__all__ = ["TestResult", "run_tests"]


@dataclass(frozen=True, slots=True)
class TestResult:
    """How a test went. `line` is that of the step that failed, or of the test; `message` says what was expected and
    what was found.
    """

    __test__ = False  # for pytest: no test of ours

    name: str
    path: str
    line: int
    passed: bool
    message: str
    seconds: float


def run_tests(
    model: Model, *, match: str | None = None, each: Callable[[TestResult], None] | None = None
) -> list[TestResult]:
    """Run the model's tests, each on a fresh copy of a scratch database that holds the modules' data.

    `match` leaves out tests whose name and file lack this text; `each` hears of a result as soon as it is there. A
    test that needs
    a module which the workspace has not enabled is left out.
    """
    chosen = [test for test in model.tests if _wanted(test, model, match)]
    results: list[TestResult] = []
    if not chosen:
        return results
    for own in (False, True):
        mine = [test for test in chosen if (test.module == "") is own]
        if not mine:
            continue
        with closing(Scratch(model, own_data=own)) as scratch:
            for test in mine:
                result = _run(test, model, scratch)
                results.append(result)
                if each is not None:
                    each(result)
    return results


def _wanted(test: ScenarioTest, model: Model, match: str | None) -> bool:
    if any(name not in model.modules and name != model.settings.name for name in test.needs):
        return False
    return match is None or match in test.name or match in _path(test)


def _path(test: ScenarioTest) -> str:
    return test.document.path if isinstance(test.document, Document) else ""


def _run(test: ScenarioTest, model: Model, scratch: Scratch) -> TestResult:
    began = time.perf_counter()
    where: tuple[str | int, ...] = ()
    message = ""
    try:
        with closing(_played(test, model, scratch)) as parts:
            for where, play in parts:  # noqa: B007 (where the failure was)
                play()
    except Wrong as wrong:
        where, message = (*where, *wrong.path), wrong.message
    except TradewindError as error:
        message = f"expected: done; actual: {said(error)}"
    except InvalidText as error:
        message = "; ".join(problem.message for problem in error.problems)
    line = test.document.key_at(where).line if isinstance(test.document, Document) else 0
    return TestResult(test.name, _path(test), line, not message, message, time.perf_counter() - began)


def _played(
    test: ScenarioTest, model: Model, scratch: Scratch
) -> Generator[tuple[tuple[str | int, ...], Callable[[], None]]]:
    """The parts of a test in order, each with its place in the document."""
    body: Any = test.body
    start = start_of(body.get("now"), model.settings.zone)
    if start is None and body.get("now") is not None:
        raise Wrong(f"'{body['now']}' is no date and time", ("now",))
    clock = MovableClock(start or datetime.now(UTC).replace(microsecond=0))
    with scratch.workspace(clock) as workspace:
        play = Play(workspace, clock)
        with workspace.step(None) as step:
            schedules.plan(step)  # from the test's own beginning
        users, departments = body.get("users") or {}, body.get("departments") or {}
        yield ("users",), lambda: play.people(users, departments)
        for alias, record in (body.get("given") or {}).items():
            yield ("given", alias), lambda alias=alias, record=record: play.given(alias, record)  # type: ignore[misc]
        steps: Sequence[Any] = body.get("steps") or []
        for index, step in enumerate(steps):
            yield ("steps", index), lambda step=step: play.step(step)  # type: ignore[misc]
