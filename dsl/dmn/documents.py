"""Models as `decision` documents: one for each decision, function and service, and one for the model that they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from dsl.decisions import Rule, Table, Text
from dsl.decisions.table import written
from dsl.dmn.model import (
    WORKSPACE,
    Boxed,
    Conditional,
    Context,
    Decision,
    Definitions,
    Element,
    Entry,
    Filtered,
    Function,
    InputData,
    Invocation,
    ItemType,
    Iteration,
    Knowledge,
    Listed,
    Literal,
    Reference,
    Refused,
    Relation,
    Service,
    Tabled,
    Variable,
)
from dsl.dmn.typing import FEEL_TYPES
from dsl.feel.ast import TypeName

Plain = dict[str, Any]
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMERAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
LONG = 100
"""A text of more characters stands in lines of its own."""


def documents(models: Sequence[Definitions], taken: Iterable[str] = ()) -> dict[str, str]:
    """The documents of models that may import one another, by name. `taken` are names that others have already.

    Logic that can't run is no part of a document: whoever writes them sees to it that there is none.
    """
    return {name: text_of(plain) for name, plain in plain_documents(models, taken).items()}


def plain_documents(models: Sequence[Definitions], taken: Iterable[str] = ()) -> dict[str, Plain]:
    names = Naming(models, taken)
    found: dict[str, Plain] = {}
    for model in models:
        own = names.models.get(model.namespace)
        if own is not None:
            found[own] = model_document(own, model, names)
        for element in model.elements:
            if not isinstance(element, InputData):
                found[names.of[model.namespace, element.id]] = element_document(element, model, names)
    return found


class Naming:
    """The names of documents: an element's id where that is a document's name, else its name in small letters."""

    def __init__(self, models: Sequence[Definitions], taken: Iterable[str]) -> None:
        self.used = set(taken)
        self.of: dict[tuple[str, str], str] = {}
        self.models: dict[str, str] = {}
        self.inputs: dict[tuple[str, str], InputData] = {}
        self.prefixes = {(model.namespace, each.namespace): each.name for model in models for each in model.imports}
        for model in models:
            for each in model.elements:
                if isinstance(each, InputData):
                    self.inputs[model.namespace, each.id] = each
                else:
                    self.of[model.namespace, each.id] = self.free(each.id if _NAME.fullmatch(each.id) else slug(each.name) or slug(each.id))
        for model in models:
            if model.namespace != WORKSPACE or model.types or model.imports:
                self.models[model.namespace] = self.free(slug(model.name) or "model", "model")

    def free(self, name: str, suffix: str = "") -> str:
        """The name, or one like it that is not used yet."""
        name = name or "decision"
        found, count = name, 1
        while found in self.used:
            found = f"{name}_{suffix}" if suffix and count == 1 else f"{name}_{count + (not suffix)}"
            count += 1
        self.used.add(found)
        return found


def slug(name: str) -> str:
    """A name as documents have them: `Pre-bureau risk` is pre_bureau_risk."""
    found = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
    return found if not found or found[0].isalpha() else f"d_{found}"


# ---- documents ----


def model_document(name: str, model: Definitions, names: Naming) -> Plain:
    found: Plain = {"decision": name, "name": model.name}
    if model.namespace != WORKSPACE:
        found["namespace"] = model.namespace
    imports = {each.name: names.models[each.namespace] for each in model.imports if each.namespace in names.models}
    return found | kept({"imports": imports, "types": {each.name: item_type(each) for each in model.types}})


def element_document(element: Element, model: Definitions, names: Naming) -> Plain:
    own = names.of[model.namespace, element.id]
    found: Plain = {"decision": own}
    if element.names[0] != own:
        found["name"] = element.names[0]
    if model.namespace in names.models:
        found["model"] = names.models[model.namespace]
    note, title = ("", "") if isinstance(element, InputData) else (element.note, element.name)
    if title != element.names[0]:
        found["label"] = title
    found |= kept({"description": note, "type": type_name(element.type)})
    if isinstance(element, Service):
        data = given(element.data, model, names)
        parts = {"outputs": element.outputs, "encapsulates": element.encapsulated, "inputs": element.decisions}
        service = {key: [names.of[each.namespace or model.namespace, each.id] for each in listed] for key, listed in parts.items()}
        return found | kept({"given": data}) | {"service": kept(service)}
    if isinstance(element, Decision | Knowledge):
        requires = [key for each in element.requires if (key := (each.namespace or model.namespace, each.id)) in names.of]
        found |= kept({"requires": [names.of[key] for key in requires], "given": given(element.requires, model, names)})
        if element.logic is None:
            return found | undecided(element)
        gives_function = isinstance(element, Decision) and isinstance(element.logic, Function)
        return found | (nested(element.logic) if gives_function else logic_map(element.logic))
    return found


def undecided(element: Decision | Knowledge) -> Plain:
    """What has no logic yet gives null."""
    return {"expression": ""} if isinstance(element, Decision) else {"parameters": {}, "expression": ""}


def given(references: Iterable[Reference], model: Definitions, names: Naming) -> Plain:
    """The input data among what is required, with their types; those of imported models after the import's name."""
    found: Plain = {}
    for each in references:
        key = each.namespace or model.namespace, each.id
        if key in names.inputs:
            prefix = names.prefixes.get((model.namespace, key[0]), "") if key[0] != model.namespace else ""
            data = names.inputs[key]
            type_ = type_name(data.type) or "Any"
            own = f"{prefix}.{type_}" if prefix and type_ not in FEEL_TYPES else type_
            found[f"{prefix}.{data.names[0]}" if prefix else data.names[0]] = own
    return found


def item_type(item: ItemType) -> Any:
    """A type as documents have it: a name alone, or a map."""
    found: Plain = {"type": type_name(item.base)}
    if item.members:
        found = {"members": {each.name: item_type(each) for each in item.members}}
    elif item.parameters is not None:
        found = {"parameters": variables(item.parameters), "result": type_name(item.result)}
    found |= {"list": item.many, "values": feel(item.values), "constraint": feel(item.constraint)}
    found = kept(found)
    return found["type"] if list(found) == ["type"] else found or "Any"


# ---- boxed expressions ----


def logic(boxed: Boxed) -> Any:
    """A boxed expression: FEEL alone as a text, all others as a map."""
    return feel(boxed.text) if isinstance(boxed, Literal) else logic_map(boxed)


def logic_map(boxed: Boxed) -> Plain:
    match boxed:
        case Literal(text):
            return {"expression": feel(text)}
        case Tabled(table, bound):
            return {"table": table_map(table, bound)}
        case Context(entries, result, result_type):
            found = {"context": {each.name: entry(each) for each in entries}}
            if result is not None:
                found["result"] = entry(Entry("", result_type, result))
            return found
        case Invocation(function, bindings):
            return {"invoke": feel(function)} | kept({"with": {each.name: entry(each) for each in bindings}})
        case Listed(items):
            return {"list": [logic(each) for each in items]}
        case Relation(columns, rows):
            return {"relation": {"columns": variables(columns), "rows": [[logic(cell) for cell in row] for row in rows]}}
        case Function(parameters, body, result):
            head = {"parameters": variables(parameters)} | kept({"returns": type_name(result)})
            return head | (logic_map(body) if body is not None and not isinstance(body, Function) else nested(body))
        case Conditional(condition, then, otherwise):
            return {"if": logic(condition), "then": logic(then), "else": logic(otherwise)}
        case Iteration(kind, item, source, body):
            return {kind: item.name, "in": entry(Entry("", item.type, source)), "return" if kind == "for" else "satisfies": logic(body)}
        case Filtered(source, condition):
            return {"filter": logic(source), "where": logic(condition)}
        case Refused(reason):
            raise ValueError(reason)


def nested(body: Boxed | None) -> Plain:
    """What gives a function, being a decision or a function itself: a context with nothing but a result."""
    return {"context": {}, "result": logic(body)} if body is not None else {}


def entry(each: Entry) -> Any:
    """Logic with a type, if it has one."""
    type_ = type_name(each.type)
    return {"type": type_} | logic_map(each.logic) if type_ else logic(each.logic)


def variables(found: Iterable[Variable]) -> Plain:
    return {each.name: type_name(each.type) or "Any" for each in found}


def table_map(table: Table, bound: frozenset[str]) -> Plain:
    inputs = list(column_names(((each.name if each.name in bound else each.label or each.name) for each in table.inputs), bound))
    outputs = list(column_names((each.name or "value" for each in table.outputs), inputs, outputs=True))
    found: Plain = {"hit": table.hit, "inputs": {}, "outputs": {}, "rules": []}
    for name, source in zip(inputs, table.inputs, strict=True):
        tested = feel(source.tested)
        label = source.label if source.label != name else ""
        parts = {"expression": tested if tested != name else "", "label": label, "type": type_name(source.type)}
        found["inputs"][name] = kept({**parts, "values": feel(source.values)})
    for name, result in zip(outputs, table.outputs, strict=True):
        label = result.label if result.label != name else ""
        parts = {"label": label, "type": type_name(result.type), "values": feel(result.values), "default": feel(result.default)}
        found["outputs"][name] = kept({"name": result.name if result.name != name else "", **parts})
    found["rules"] = [rule_map(rule, inputs, outputs) for rule in table.rules]
    return found if found["inputs"] else {key: value for key, value in found.items() if key != "inputs"}


def rule_map(rule: Rule, inputs: Sequence[str], outputs: Sequence[str]) -> Plain:
    cells: list[tuple[str, Text]] = [*zip(inputs, rule.inputs, strict=True), *zip(outputs, rule.outputs, strict=True)]
    found = {name: feel(cell) for name, cell in cells if feel(cell) not in ("", "-") or name in outputs}
    return found | kept({"note": rule.note})


def column_names(names: Iterable[str], others: Iterable[str], outputs: bool = False) -> Iterator[str]:
    """Names of columns, made of words, each once."""
    used = {"note", *(others if outputs else ())}
    for each in names:
        own = each if not outputs and each in others else slug(each) or ("result" if outputs else "input")
        found, count = own, 2
        while found in used:
            found, count = f"{own}_{count}", count + 1
        used.add(found)
        yield found


# ---- text ----


class Feel(str):
    """A text of FEEL: numbers in it need no quotes."""


def feel(text: Text) -> Feel:
    return Feel(written(text))


def type_name(type_: TypeName | None) -> str:
    return type_.name if type_ is not None else ""


def kept(parts: Mapping[str, Any]) -> Plain:
    """Those parts that say anything."""
    return {key: value for key, value in parts.items() if value not in ("", {}, [], None, False)}


class Writer(yaml.SafeDumper):
    """YAML to be read: short maps in one line, long texts in lines of their own."""


def write_text(writer: Writer, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and not re.search(r"[ \t]\n|\A\s", text) else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def write_feel(writer: Writer, text: Feel) -> yaml.ScalarNode:
    if _NUMERAL.fullmatch(text):
        return writer.represent_scalar("tag:yaml.org,2002:float" if "." in text else "tag:yaml.org,2002:int", text)
    return write_text(writer, text)


Writer.add_representer(str, write_text)
Writer.add_representer(Feel, write_feel)


def text_of(plain: Plain) -> str:
    found: str = yaml.dump(plain, Dumper=Writer, sort_keys=False, allow_unicode=True, width=LONG, default_flow_style=None)
    return found
