"""Layers: built-in documents, modules in dependency order, the workspace's own, then customizations (spec 1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files as resources
from typing import Any, cast

from dsl.documents import Document, Node, load
from dsl.documents.document import Entry
from dsl.problems import Problem, did_you_mean
from dsl.source import Source, Span
from engine.model.schema import KINDS

BUILTIN = "builtin/"
MODULES = "modules/"
CUSTOMIZATIONS = "customizations/"
CUSTOM_PREFIX = "x_"
BUILTIN_FILES = ("department", "user", "admin")
Key = tuple[str, str]  # kind and name
ENGINES: Mapping[Key, tuple[str, ...]] = {  # fields that the engine itself relies on
    ("entity", "user"): ("login", "name", "email", "department", "manager", "roles", "locale", "active"),
    ("entity", "department"): ("name", "parent", "head"),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """Documents that count together: `module` is the module's name, empty for the workspace itself."""

    module: str
    documents: tuple[Document, ...]
    custom: bool = False


@dataclass(slots=True)
class Folded:
    """The effective documents, and which module each comes from; `layers` from the ground up."""

    layers: tuple[Layer, ...]
    documents: dict[Key, Document] = field(default_factory=dict)
    modules: dict[Key, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[Document]:
        return (document for (each, _), document in self.documents.items() if each == kind)


def read(files: Mapping[str, str]) -> tuple[list[Document], list[Problem]]:
    """Every YAML file as a document, with the problems of those that are none."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in sorted(files):
        if not path.endswith((".yaml", ".yml")):
            continue
        loaded = load(path, files[path])
        problems.extend(loaded.problems)
        if loaded.document is None:
            continue
        if loaded.document.kind in KINDS:
            documents.append(loaded.document)
        else:
            kind = loaded.document.kind
            hint = did_you_mean(kind, KINDS) or f"one of: {', '.join(KINDS)}"
            problems.append(
                Problem("TW1101", f"unknown kind of document '{kind}'", loaded.document.key_at((kind,)), hint=hint)
            )
    return documents, problems


def builtin() -> Layer:
    """The documents that every workspace has: users, departments, the role admin."""
    documents = []
    for name in BUILTIN_FILES:
        loaded = load(f"{BUILTIN}{name}.yaml", resources("engine.model").joinpath(f"builtin/{name}.yaml").read_bytes())
        documents.append(cast(Document, loaded.document))
    return Layer("", tuple(documents))


def fold(documents: Iterable[Document]) -> Folded:
    """Arrange documents in layers and merge them into the effective ones."""
    problems: list[Problem] = []
    own: list[Document] = []
    custom: list[Document] = []
    by_folder: dict[str, list[Document]] = {}
    for document in documents:
        if document.path.startswith(MODULES):
            by_folder.setdefault(document.path.split("/")[1], []).append(document)
        else:
            (custom if document.path.startswith(CUSTOMIZATIONS) else own).append(document)
    order = modules_in_order(by_folder, own, problems)
    layers = (
        builtin(),
        *(Layer(module, tuple(by_folder[module])) for module in order),
        Layer("", tuple(own)),
        Layer("", tuple(custom), custom=True),
    )
    folded = Folded(layers, problems=problems)
    for layer in layers:
        add_layer(folded, layer)
    return folded


def modules_in_order(
    by_folder: Mapping[str, list[Document]], own: Iterable[Document], problems: list[Problem]
) -> list[str]:
    """The enabled modules and those that they depend on, each after all it depends on."""
    workspace = next((document for document in own if document.kind == "workspace"), None)
    heads = {
        folder: document
        for folder, documents in by_folder.items()
        for document in documents
        if document.kind == "module"
    }
    for folder, documents in by_folder.items():
        if folder not in heads:
            at = Span(documents[0].root.source, 0, 0)
            problems.append(
                Problem(
                    "TW1602",
                    f"the folder modules/{folder} has no module document",
                    at,
                    hint=f"add modules/{folder}/module.yaml",
                )
            )
        elif heads[folder].name != folder:
            at = heads[folder].at(("module",))
            problems.append(
                Problem(
                    "TW1602",
                    f"the module '{heads[folder].name}' is in a folder of another name",
                    at,
                    hint=f"rename one of them: '{folder}'",
                )
            )
    order: list[str] = []
    path: list[str] = []

    def visit(name: str, at: Span) -> None:
        if name in order:
            return
        if name in path:
            circle = " → ".join([*path[path.index(name) :], name])
            problems.append(
                Problem(
                    "TW1603",
                    f"modules depend on each other in a circle: {circle}",
                    at,
                    hint="remove one of the dependencies",
                )
            )
            return
        if name not in by_folder:
            hint = did_you_mean(name, by_folder) or "a module is a folder with a module.yaml"
            problems.append(Problem("TW1604", f"there is no module '{name}'", at, hint=hint))
            return
        path.append(name)
        if name in heads:
            for each, where in names(heads[name], "depends"):
                visit(each, where)
        path.pop()
        if name not in order:
            order.append(name)

    if workspace is None:
        for folder in sorted(by_folder):
            visit(folder, Span(by_folder[folder][0].root.source, 0, 0))
    else:
        for each, where in names(workspace, "modules"):
            visit(each, where)
    return order


def names(document: Document, key: str) -> Iterator[tuple[str, Span]]:
    value = document.data.get(key)
    for i, each in enumerate(value if isinstance(value, list) else ()):
        if isinstance(each, str):
            yield each, document.at((key, i))


def add_layer(folded: Folded, layer: Layer) -> None:
    """New documents first, then the patches, each over what is there by then."""
    for document in layer.documents:
        if document.kind == "extend":
            continue
        key = (document.kind, document.name)
        there = folded.documents.get(key)
        if document.kind == "workspace":
            there = next(folded.of("workspace"), None)
        if there is not None:
            place = f"{there.path}:{there.at((there.kind,)).line}"
            message = f"the {document.kind} '{document.name}' is declared already, in {place}"
            if document.kind == "workspace":
                message = f"a workspace has one workspace document, and {place} is one"
            hint = f"to change it, write `extend: {document.kind} {document.name}`"
            folded.problems.append(Problem("TW1605", message, document.at((document.kind,)), hint=hint))
            continue
        folded.documents[key] = document
        folded.modules[key] = layer.module
    for document in layer.documents:
        if document.kind == "extend":
            extend(folded, document, layer)


def extend(folded: Folded, patch: Document, layer: Layer) -> None:
    kind, _, name = patch.name.partition(" ")
    key = (kind, name.strip())
    base = folded.documents.get(key)
    at = patch.at(("extend",))
    if base is None:
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or "write a kind and a name: `extend: entity sales_order`"
            folded.problems.append(Problem("TW1606", f"unknown kind of document '{kind}'", at, hint=hint))
        else:
            hint = did_you_mean(key[1], [each for of, each in folded.documents if of == kind])
            folded.problems.append(Problem("TW1606", f"there is no {kind} '{key[1]}' to extend", at, hint=hint))
        return
    if layer.custom and kind == "entity":
        check_custom_names(folded, base, patch)
    if key in ENGINES and not keeps_fields(folded, base, patch):
        return
    data = {name: value for name, value in patch.data.items() if name != "extend"}
    entries = {name: entry for name, entry in (patch.root.entries or {}).items() if name != "extend"}
    merged, root = merge(
        base.data,
        base.root,
        data,
        Node(patch.root.source, patch.root.start, patch.root.end, entries=entries),
        folded.problems,
        (),
    )
    folded.documents[key] = Document(base.kind, base.name, cast(Any, merged), root)


def keeps_fields(folded: Folded, base: Document, patch: Document) -> bool:
    """Whether the engine's own fields of users and departments stay what they are; a problem if not."""
    own = ENGINES[base.kind, base.name]
    fields = patch.data.get("fields", {})
    lost: list[tuple[str, ...]] = []
    if not isinstance(fields, Mapping):
        lost.append(("fields",))
    else:
        for name, value in fields.items():
            if name in own and (not isinstance(value, Mapping) or value.keys() & {"type", "to", "compute", "options"}):
                lost.append(("fields", name))
    for path in lost:
        message = f"the engine needs '{path[-1]}' of {base.name} as it is"
        folded.problems.append(Problem("TW1610", message, patch.key_at(path), hint="add fields, or change labels"))
    return not lost


def check_custom_names(folded: Folded, base: Document, patch: Document) -> None:
    """Fields that a customization adds are named `x_…`, so that an upgrade of the module can't collide with them."""
    for path in custom_fields(patch.data):
        name = str(path[-1])
        if not base.has(path) and not name.startswith(CUSTOM_PREFIX):
            message = f"a field that a customization adds is named {CUSTOM_PREFIX}…"
            folded.problems.append(
                Problem("TW1608", message, patch.key_at(path), hint=f"name it '{CUSTOM_PREFIX}{name}'")
            )


def custom_fields(data: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    fields = data.get("fields")
    if not isinstance(fields, Mapping):
        return
    for name, value in fields.items():
        if value is None:
            continue
        yield (*above, "fields", name)
        if isinstance(value, Mapping):
            yield from custom_fields(value, (*above, "fields", name))


def merge(
    base: object, base_node: Node, patch: object, node: Node, problems: list[Problem], path: tuple[str, ...]
) -> tuple[object, Node]:
    """RFC 7396 on data and positions at once: maps merge, null removes, everything else replaces."""
    if not isinstance(patch, Mapping) or node.entries is None:
        return patch, node
    fresh = not isinstance(base, Mapping) or base_node.entries is None
    data: dict[str, object] = {} if fresh else dict(cast(Mapping[str, object], base))
    entries: dict[str, Entry] = {} if fresh else dict(base_node.entries or {})
    for key, value in patch.items():
        entry = node.entries[key]
        if value is None:
            if key in data:
                del data[key], entries[key]
            elif path or not fresh:
                where = ".".join((*path, key))
                problems.append(
                    Problem("TW1607", f"there is no '{where}' to remove", entry.key, "warning", did_you_mean(key, data))
                )
        elif key in data and isinstance(value, Mapping) and isinstance(data[key], Mapping):
            data[key], below = merge(data[key], entries[key].value, value, entry.value, problems, (*path, key))
            entries[key] = Entry(entries[key].key, below)
        else:
            data[key], below = merge(None, entry.value, value, entry.value, problems, (*path, key))
            entries[key] = Entry(entry.key, below)
    place = node if fresh else base_node
    return data, Node(place.source, place.start, place.end, place.style, entries=entries)


def nowhere() -> Span:
    """A place for problems of a folder as a whole."""
    return Span(Source(".", ""), 0, 0)
