"""A record's history as people read it: what happened, in words, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from admin.desk.present import DASH, Reader
from engine.model.model import Entity, Field
from engine.records import Record
from engine.records.history import Entry
from engine.records.values import Refused
from engine.workspace import Step


def timeline(step: Step, record: Record, reader: Reader) -> list[dict[str, Any]]:
    """The entries for the macro `timeline`; what one gesture did in the process is one entry."""
    return Words(step, record, reader).entries()


class Words:
    """Puts the history of one record into words."""

    def __init__(self, step: Step, record: Record, reader: Reader) -> None:
        self.step = step
        self.record = record
        self.entity: Entity = record.entity
        self.reader = reader
        self.visible = record.visible_fields()

    def entries(self) -> list[dict[str, Any]]:
        oldest_first = list(reversed(self.step.records.history(self.record)))
        shown: list[dict[str, Any]] = []
        gestures: dict[tuple[str, object, object], list[Entry]] = {}
        for entry in oldest_first:
            gestures.setdefault(gesture(entry), []).append(entry)
        for (kind, _, _), entries in gestures.items():
            made = self.process(entries) if kind == "process" else [self.plain(entry) for entry in entries]
            shown.extend(each for each in made if each is not None)
        return shown[::-1]

    def entry(self, entry: Entry, text: Markup | str, *, quote: str = "", note: str = "", icon: str = "") -> dict[str, Any]:
        who = entry.user.title() if entry.user is not None and not icon else None
        return {
            "id": f"h{entry.id}", "who": who, "icon": icon or "bolt", "text": text, "quote": quote, "note": note,
            "when": self.reader.when(entry.at), "datetime": entry.at.isoformat(),
        }  # fmt: skip

    def who(self, entry: Entry) -> Markup:
        """The person in bold; nobody is the system."""
        return Markup("<b>{}</b>").format(entry.user.title() if entry.user is not None else gettext("The system"))

    def says(self, template: str, **values: object) -> Markup:
        """A translated sentence; its values are escaped unless they are Markup."""
        return Markup(gettext(template).replace("%(", "{").replace(")s", "}")).format(**values)

    # ---- records ----

    def plain(self, entry: Entry) -> dict[str, Any] | None:
        who = self.who(entry)
        match entry.kind:
            case "created":
                return self.entry(entry, self.says("%(who)s created this", who=who), icon="" if entry.user else "circle-plus")
            case "archived":
                return self.entry(entry, self.says("%(who)s archived this", who=who), icon="" if entry.user else "trash")
            case "comment":
                return self.entry(entry, self.says("%(who)s commented", who=who), quote=entry.text)
            case "changed":
                return self.changed(entry, who)
            case "log":
                return self.entry(entry, entry.text, icon="bolt")
        return self.entry(entry, entry.text or entry.kind)

    def changed(self, entry: Entry, who: Markup) -> dict[str, Any] | None:
        """The changed fields that the reader may see, each with its values before and after."""
        changes = [
            self.says("%(field)s %(before)s → %(after)s", field=label, before=before, after=after)
            for label, before, after in (self.change(name, pair) for name, pair in self.told(entry).items())
        ]
        if not changes:
            return None
        return self.entry(entry, self.says("%(who)s changed %(what)s", who=who, what=Markup(", ").join(changes)))

    def told(self, entry: Entry) -> Mapping[str, Any]:
        """Without what is hidden, and without the status, which the process's own entries tell."""
        lifecycle = self.step.model.lifecycle_of(self.entity.name)
        status = lifecycle.lifecycle if lifecycle is not None else None
        changes = entry.data.get("changes", {})
        return {name: pair for name, pair in changes.items() if name in self.visible and name != status}

    def change(self, name: str, pair: list[Any]) -> tuple[str, Markup, Markup]:
        field = self.entity.fields[name]
        before, after = (self.value(field, value) for value in pair)
        return field.label.in_(self.reader.language), Markup("<s>{}</s>").format(before), Markup("<b>{}</b>").format(after)

    def value(self, field: Field, value: Any) -> str:
        """A value of the history (as JSON has it) as text."""
        if value is None or value == []:
            return DASH
        if isinstance(value, list):
            return ", ".join(self.value(field, each) for each in value)
        if field.type in ("link", "user", "links") and field.to is not None and isinstance(value, int):
            found = self.step.records.get_many(field.to, [value])
            return (found[0].title() if found[0].readable() else gettext("Hidden")) if found else f"#{value}"
        try:
            read = value if field.sensitive else self.step.records.rounding.read(field, value)
        except Refused:
            read = value
        return self.reader.value(read, field, self.record)

    # ---- processes ----

    def process(self, entries: list[Entry]) -> list[dict[str, Any] | None]:
        """What one gesture did: the decision or the clock first, then where the record went."""
        entered = [e for e in entries if e.data.get("event") == "entered"]
        ended = any(e.data.get("event") == "ended" for e in entries)
        causes = [e for e in entries if e.data.get("event") not in ("entered", "ended")]
        note = ""
        if entered:
            note = self.node(entered[-1])
            origin = next((e for e in causes if e.data.get("node") and e.data.get("event") != "started"), None)
            if origin is not None and self.node(origin) != note:
                note = f"{self.node(origin)} → {note}"
        elif ended and not causes:
            return [self.entry(entries[-1], gettext("The process has ended"), icon="circle-check")]
        if not causes:
            return [self.entry(entered[-1], self.says("Went on to %(step)s", step=Markup("<b>{}</b>").format(note)), icon="route")]
        made = [self.cause(entry) for entry in causes]
        first = next((i for i, each in enumerate(made) if each is not None), None)
        if first is not None and note:
            made[first] = {**made[first], "note": note}  # type: ignore[dict-item]
        return made

    def cause(self, entry: Entry) -> dict[str, Any] | None:
        who, data = self.who(entry), entry.data
        quote = str(data.get("comment") or "")
        match data.get("event"):
            case "started":
                return self.entry(entry, self.says("%(process)s has begun", process=self.process_label(entry)), icon="player-play")
            case "action" | "completed":
                return self.acted(entry, who, quote)
            case "approve" | "reject" as vote:
                word = gettext("Approved") if vote == "approve" else gettext("Rejected")
                text = self.says("%(vote)s by itself for %(who)s", vote=word, who=self.person(data.get("user")))
                return self.entry(entry, text, icon="bolt")
            case "transferred":
                text = self.says("%(who)s handed the task to %(other)s", who=who, other=self.person(data.get("user")))
                return self.entry(entry, text, quote=quote)
            case "signers_added":
                others = Markup(", ").join(self.person(user) for user in data.get("users", ()))
                text = self.says("%(who)s asked %(others)s to sign too", who=who, others=others)
                return self.entry(entry, text, quote=quote)
            case "signer_removed":
                text = self.says("%(who)s no longer asks %(other)s to sign", who=who, other=self.person(data.get("user")))
                return self.entry(entry, text, quote=quote)
            case "reassigned":
                others = Markup(", ").join(self.person(user) for user in data.get("users", ()))
                return self.entry(entry, self.says("The task went on to %(others)s", others=others), icon="user-plus")
            case "decided":
                rules = ", ".join(str(number) for number in data.get("rules", ())) or DASH
                text = self.says("%(step)s: rule %(rules)s of “%(decision)s”", step=self.node(entry), rules=rules,
                                 decision=self.decision(str(data.get("decision"))))  # fmt: skip
                return self.entry(entry, text, icon="table-options")
            case "timer":
                return self.entry(entry, self.says("Timer “%(timer)s”", timer=str(data.get("timer"))), icon="bell-ringing")
            case "failed":
                return self.entry(entry, self.says("%(step)s failed", step=self.node(entry)), quote=str(data.get("message") or ""),
                                  icon="alert-triangle")  # fmt: skip
            case "cancelled":
                return self.entry(entry, self.says("%(who)s cancelled the process", who=who), quote=quote)
            case "comment":
                return self.entry(entry, self.says("%(who)s commented", who=who), quote=quote)
        return None

    def acted(self, entry: Entry, who: Markup, quote: str) -> dict[str, Any]:
        action = str(entry.data.get("action"))
        if action == "approve":
            text = self.says("%(who)s approved", who=who)
        elif action == "reject":
            text = self.says("%(who)s rejected", who=who)
        elif action == "abstain":
            text = self.says("%(who)s abstained", who=who)
        elif action == "complete":
            text = self.says("%(who)s completed %(step)s", who=who, step=self.node(entry))
        else:
            text = self.says("%(who)s: %(action)s", who=who, action=Markup("<b>{}</b>").format(self.action(entry, action)))
        return self.entry(entry, text, quote=quote)

    def node(self, entry: Entry) -> str:
        process = self.step.model.processes.get(str(entry.data.get("process")))
        name = str(entry.data.get("node", ""))
        node = process.nodes.get(name) if process is not None else None
        return node.label.in_(self.reader.language) if node is not None else name

    def action(self, entry: Entry, name: str) -> str:
        process = self.step.model.processes.get(str(entry.data.get("process")))
        node = process.nodes.get(str(entry.data.get("node"))) if process is not None else None
        found = node.actions.get(name) if node is not None else None
        return found.label.in_(self.reader.language) if found is not None else name

    def decision(self, name: str) -> str:
        found = self.step.model.decisions.get(name)
        return found.label.in_(self.reader.language) if found is not None else name

    def process_label(self, entry: Entry) -> Markup:
        name = str(entry.data.get("process"))
        process = self.step.model.processes.get(name)
        return Markup("<b>{}</b>").format(process.label.in_(self.reader.language) if process is not None else name)

    def person(self, number: object) -> Markup:
        found = self.step.records.get_many("user", [number]) if isinstance(number, int) else []
        return Markup("<b>{}</b>").format(escape(found[0].title() if found else gettext("nobody")))


def gesture(entry: Entry) -> tuple[str, object, object]:
    """Entries of the process that were written in one step by one instance belong together."""
    if entry.kind != "process":
        return entry.kind, entry.id, None
    return entry.kind, entry.at, entry.data.get("instance")
