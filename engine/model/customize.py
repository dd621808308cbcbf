"""Edit customizations as files: merge patches over the documents that they extend, hand-written comments and order kept."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from engine.errors import FieldError, ValidationFailed

FOLDER = "customizations/"
PREFIX = "x_"
NAME = re.compile(r"x_[a-z][a-z0-9_]*")

Files = Mapping[str, str]


def editor() -> YAML:
    """A round-trip editor whose output reads like ours: maps in blocks, two spaces, long lines left alone."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(Decimal, lambda rep, d: rep.represent_scalar("tag:yaml.org,2002:float", format(d, "f")))
    return yaml


def extension_path(files: Files, kind: str, name: str) -> str:
    """The customization file that extends a document: the one that does so already, else a new one."""
    head = re.compile(rf"extend:\s*['\"]?{re.escape(kind)} +{re.escape(name)}['\"]?\s*(#.*)?", re.ASCII)
    for path in sorted(files):
        if path.startswith(FOLDER) and any(head.fullmatch(line) for line in files[path].splitlines()):
            return path
    return f"{FOLDER}{kind}_{name}.yaml"


def patched(files: Files, kind: str, name: str, path: Sequence[str], value: object) -> dict[str, str]:
    """The one file that changes when `path` of a document is customized to `value`; {file path: its new text}."""
    target = extension_path(files, kind, name)
    yaml = editor()
    document = yaml.load(files[target]) if target in files else CommentedMap({"extend": f"{kind} {name}"})
    place = document
    for key in path[:-1]:
        if not isinstance(place.get(key), CommentedMap):
            place[key] = CommentedMap()
        place = place[key]
    place[path[-1]] = as_node(value)
    out = io.StringIO()
    yaml.dump(document, out)
    return {target: out.getvalue()}


def as_node(value: object, depth: int = 0) -> object:
    """A value as YAML nodes; small maps and lists inside others are written in one line, as people do."""
    if isinstance(value, Mapping):
        node = CommentedMap((key, as_node(each, depth + 1)) for key, each in value.items())
        if depth > 0:
            node.fa.set_flow_style()
        return node
    if isinstance(value, list | tuple):
        items = CommentedSeq([as_node(each, depth + 1) for each in value])
        items.fa.set_flow_style()
        return items
    return value


def new_field(files: Files, entity: str, taken: Mapping[str, object], name: str, definition: Mapping[str, object]) -> dict[str, str]:
    """Add a custom field to an entity. Raises ValidationFailed where its name can't be used."""
    if not NAME.fullmatch(name):
        template = "A custom field's name is {prefix} and then small letters, digits and _, such as x_region"
        raise ValidationFailed([FieldError("name", "pattern", template, {"prefix": PREFIX})])
    if name in taken:
        raise ValidationFailed([FieldError("name", "unique", "There is a field '{name}' already", {"name": name})])
    return patched(files, "entity", entity, ("fields", name), definition)


def placed(
    files: Files, entity: str, document: Mapping[str, Any], order: Mapping[str, Sequence[str]], default: Mapping[str, Any]
) -> dict[str, str]:
    """Arrange a form: `order` is the names of the fields of each section, in order.

    `document` is the entity's effective document; where it declares no form, `default` holds the sections that the engine
    draws for it. Entries that say more than a name (`{field: discount, readonly_when: …}`) keep what they say. Sections
    that do not change are not written, so that a module's later version of them still counts.
    """
    sections = dict((document.get("form") or {}).get("sections") or default)
    known = {entry_name(e): e for section in sections.values() for e in section.get("fields", ())}
    changed = dict(files)
    result: dict[str, str] = {}
    for name, fields in order.items():
        if name not in sections:
            raise ValidationFailed([FieldError("sections", "option", "The form has no section '{name}'", {"name": name})])
        now = [entry_name(e) for e in sections[name].get("fields", ())]
        if now == list(fields) and document.get("form"):
            continue
        entries = [known.get(field, field) for field in fields]
        value: object = entries
        path: tuple[str, ...] = ("form", "sections", name, "fields")
        if not document.get("form"):
            path, value = ("form", "sections", name), {**sections[name], "fields": entries}
        result |= patched(changed, "entity", entity, path, value)
        changed |= result
    return result


def entry_name(entry: object) -> str:
    """The field that an entry of a section places: a bare name, or a map's `field`."""
    return str(entry["field"]) if isinstance(entry, Mapping) else str(entry)


def suggested_name(label: str, taken: Mapping[str, object]) -> str:
    """A free name for a field of that label: `Promised date` → `x_promised_date`; labels without letters a-z get a number."""
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    base = PREFIX + (words if words and words[0].isalpha() else "field")
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name
