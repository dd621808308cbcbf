"""What the specification names and this version does not run yet: said clearly, at its place, rather than ignored."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.documents import Document
from engine.model.checker import Checker
from engine.model.part import Part

CHANNELS = ("wecom", "dingtalk", "sms")
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
    """What a document names that is not there yet."""
    for index, channel in enumerate(listed(document.data.get("channels")) if document.kind == "template" else ()):
        if channel in CHANNELS:
            message = f"messages are not sent by {channel} in this version; who gets them reads them in the app"
            checker.report(CODE, message, document.at(("channels", index)), severity="warning")


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def check_process(checker: Checker, process: Part) -> None:
    for _, node in process.items("nodes"):
        if isinstance(node.value, Mapping):
            check_node(checker, node)
            check_process(checker, node)


def check_node(checker: Checker, node: Part) -> None:
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
