"""The differences between two configurations in plain words, and file by file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext

from admin.studio.draft import Draft
from admin.web import reader_locale
from engine.model.customize import entry_name
from engine.model.diff import Change, shown
from engine.model.model import Entity

CONTEXT = 3  # unchanged lines around a change


def in_words(draft: Draft, changes: Iterable[Change]) -> list[dict[str, str]]:
    """Each change as {what, text, yaml}: `Sales order: new field “Promised date”`; what is + − or ~."""
    signs = {"added": "+", "removed": "−", "changed": "~"}
    found = []
    for change in changes:
        for text in said(draft, change):
            found.append({"what": signs[change.what], "text": text, "yaml": str(change)})
    return found


def said(draft: Draft, change: Change) -> list[str]:
    entity = draft.model.entities.get(change.name) if change.kind == "entity" else None
    before = draft.workspace.model.entities.get(change.name) if change.kind == "entity" else None
    known = entity or before
    if known is None or not change.path:
        return [str(change)]
    label = known.label.in_(reader_locale())
    match change.path:
        case ("fields", name):
            where = entity if change.what != "removed" else before
            return [about_field(label, change, field_label(where, name, before))]
        case ("fields", name, *rest):
            return [f"{label} · {field_label(entity, name, before)} · {'.'.join(rest)}: {shown(change.before)} → {shown(change.after)}"]
        case ("form", "sections", section, "fields"):
            return placed(known, before, label, section, change)
    return [f"{label} · {str(change).split(' · ', 1)[-1]}"]


def field_label(entity: Entity | None, name: str, other: Entity | None) -> str:
    for each in (entity, other):
        if each is not None and name in each.fields:
            return each.fields[name].label.in_(reader_locale())
    return name


def about_field(label: str, change: Change, field: str) -> str:
    if change.what == "added":
        kind = change.after.get("type", "") if isinstance(change.after, Mapping) else ""
        return gettext("%(entity)s: new field “%(field)s” (%(type)s)", entity=label, field=field, type=kind)
    if change.what == "removed":
        return gettext("%(entity)s: field “%(field)s” is removed", entity=label, field=field)
    return gettext("%(entity)s: field “%(field)s” is changed", entity=label, field=field)


def placed(entity: Entity, before: Entity | None, label: str, section: str, change: Change) -> list[str]:
    """What a new order of a section's fields means."""
    old, new = ([entry_name(e) for e in (each if isinstance(each, list) else [])] for each in (change.before, change.after))
    title = next((s.label.in_(reader_locale()) for s in entity.sections if s.name == section), section)
    words: dict[str, Any] = {"entity": label, "section": title}
    found = [
        gettext("%(entity)s: “%(field)s” is put on the form, in “%(section)s”", field=field_label(entity, name, before), **words)
        for name in new if name not in old
    ] + [
        gettext("%(entity)s: “%(field)s” is taken out of “%(section)s”", field=field_label(entity, name, before), **words)
        for name in old if name not in new
    ]  # fmt: skip
    if [name for name in old if name in new] != [name for name in new if name in old]:
        found.append(gettext("%(entity)s: the fields of “%(section)s” are in another order", **words))
    return found or [str(change)]


def file_differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, Any]]:
    """The files that differ, as the macro `diff` shows them."""
    found = []
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            found.append({"path": path, "lines": list(difference(old.splitlines(), new.splitlines()))})
    return found


def difference(old: list[str], new: list[str]) -> Iterable[dict[str, Any]]:
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT):
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from ({"number": j1 + k + 1, "mark": " ", "text": line} for k, line in enumerate(new[j1:j2]))
                continue
            yield from ({"number": i1 + k + 1, "mark": "-", "text": line} for k, line in enumerate(old[i1:i2]))
            yield from ({"number": j1 + k + 1, "mark": "+", "text": line} for k, line in enumerate(new[j1:j2]))
