"""What the specification names and this version does not run yet: said clearly, at its place, rather than ignored."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.documents import Document
from engine.model.checker import Checker
from engine.model.part import Part

KINDS: Mapping[str, str] = {
    "report": "reports",
    "dashboard": "dashboards",
    "connector": "connectors",
    "schedule": "schedules",
}
NODES = frozenset({"service_task"})
STARTS: Mapping[str, str] = {"schedule": "processes started by the clock"}
NODE_KEYS: Mapping[str, str] = {
    "cc": "copies to others",
    "choose": "choosing approvers",
    "reresolve": "resolving approvers again",
    "withdraw": "withdrawing",
}
OPERATIONS = frozenset({"return", "delegate"})
TIMER_OPERATIONS = frozenset({"remind", "return"})
CODE = "TW1190"


def check_kind(checker: Checker, document: Document) -> None:
    """A document of a kind that is checked against its schema, and not run yet."""
    if document.kind in KINDS:
        checker.report(
            CODE, f"{KINDS[document.kind]} are not available in this version", document.key_at((document.kind,))
        )


def check_process(checker: Checker, process: Part) -> None:
    start = process.get("start")
    on = start.get("on") if start is not None else None
    if on is not None and on.value in STARTS:
        checker.report(CODE, f"{STARTS[on.value]} are not available in this version", on.at)
    for _, node in process.items("nodes"):
        if isinstance(node.value, Mapping):
            check_node(checker, node)
            check_process(checker, node)


def check_node(checker: Checker, node: Part) -> None:
    type_ = node.get("type")
    if type_ is not None and type_.value in NODES:
        checker.report(CODE, f"nodes of type {type_.value} are not available in this version", type_.at)
        return
    for key, what in NODE_KEYS.items():
        part = node.get(key)
        if part is not None and not (key == "withdraw" and part.value == "before_vote"):
            verb = "are" if what.endswith("s") else "is"
            checker.report(CODE, f"{what} ('{key}') {verb} not available in this version", part.key_at)
    for each in node.each("allow"):
        if each.value in OPERATIONS:
            message = f"the operation '{each.value}' is not available in this version, so people are not offered it"
            checker.report(CODE, message, each.at, severity="warning")
    for name, timer in node.items("timers"):
        for key in ("operation",):
            part = timer.get(key)
            if part is not None and part.value in TIMER_OPERATIONS:
                checker.report(
                    CODE, f"'{key}: {part.value}' of the timer '{name}' is not available in this version", part.at
                )
