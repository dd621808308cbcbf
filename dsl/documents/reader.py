"""Reads one YAML file into a Document; whatever is wrong with its form comes back as problems."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml
from yaml import events

from dsl.documents.document import Document, Entry, Node
from dsl.documents.scalars import Scalar, resolve
from dsl.documents.syntax import explain, too_deep
from dsl.problems import Problem
from dsl.source import Source, Span

Data = Scalar | list["Data"] | dict[str, "Data"]

MAX_DEPTH = 60  # libyaml stops at a depth of its own, 1,000 as of 0.2.6
UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # YAML 1.2, 5.1
ESCAPED_BYTE = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of a byte that is not UTF-8
Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Loaded:
    """`document` is None where the problems leave nothing to go on with."""

    document: Document | None
    problems: tuple[Problem, ...] = ()


def load(path: str, text: str | bytes) -> Loaded:
    """Read one document. Never raises for bad content: a syntax error ends the file, everything else is collected."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    source = Source(path, text.removeprefix("\ufeff"))
    bad = UNREADABLE.search(source.text)
    if bad is not None:
        what = (
            "the file is not UTF-8"
            if ESCAPED_BYTE.match(bad[0])
            else f"the character U+{ord(bad[0]):04X} is not allowed in YAML"
        )
        hint = (
            "save the file as UTF-8"
            if ESCAPED_BYTE.match(bad[0])
            else "write it as an escape in double quotes, or remove it"
        )
        return Loaded(None, (Problem("TW1001", what, Span(source, bad.start(), bad.end()), hint=hint),))
    return Reader(source).read()


class Reader:
    """Builds data and position tree from the events of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def read(self) -> Loaded:
        parser = Parser(self.source.text)
        try:
            parser.get_event()  # stream start
            if parser.check_event(events.StreamEndEvent):
                return self.refuse(
                    "TW1003",
                    "the file holds no document",
                    Span(self.source, 0, 0),
                    "its first key names kind and name: `entity: customer`",
                )
            parser.get_event()  # document start
            data, root = self.value(parser, 0)
            parser.get_event()  # document end
            if not parser.check_event(events.StreamEndEvent):
                event = parser.get_event()
                self.add(
                    "TW1004",
                    "a file holds one document, and a second one starts here",
                    event,
                    "put it into a file of its own",
                )
        except yaml.MarkedYAMLError as error:
            self.problems.append(explain(self.source, error))
            return Loaded(None, tuple(self.problems))
        except TooDeep as error:
            self.problems.append(too_deep(error.at))
            return Loaded(None, tuple(self.problems))
        finally:
            parser.dispose()
        return self.document(data, root)

    def document(self, data: Data, root: Node) -> Loaded:
        if not isinstance(data, dict) or not data:
            hint = "its first key names kind and name: `entity: customer`"
            return self.refuse("TW1003", "a document is a map of keys and values", root.span, hint)
        kind, name = next(iter(data.items()))
        if not isinstance(name, str) or not name.strip():
            at = root.entries[kind] if root.entries else None
            span = root.span if at is None else at.value.span if at.value.end > at.value.start else at.key
            return self.refuse(
                "TW1009",
                f"the first key names the document, and `{kind}` has no name",
                span,
                f"write `{kind}: some_name`",
            )
        return Loaded(Document(kind, name, data, root), tuple(self.problems))

    def value(self, parser: Any, depth: int) -> tuple[Data, Node]:
        event = parser.get_event()
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, events.AliasEvent):
            self.add("TW1006", f"aliases (`*{event.anchor}`) are not used in documents", event, "write the value out")
            return None, Node(self.source, start, end)
        if event.anchor is not None:
            at = Span(self.source, start, start + len(event.anchor) + 1)
            self.problems.append(
                Problem("TW1006", f"anchors (`&{event.anchor}`) are not used in documents", at, hint="remove it")
            )
        if event.tag is not None:
            self.add(
                "TW1007",
                "tags (`!…`) are not used in documents",
                event,
                "remove the tag; quote the value to make it a text",
            )
        if depth > MAX_DEPTH:
            raise TooDeep(Span(self.source, start, end))
        if isinstance(event, events.MappingStartEvent):
            return self.mapping(parser, event, depth)
        if isinstance(event, events.SequenceStartEvent):
            return self.sequence(parser, event, depth)
        style = event.style or ""
        node = Node(self.source, start, end, style, event.value)
        return (event.value if style else resolve(event.value)), node

    def mapping(self, parser: Any, start: Any, depth: int) -> tuple[Data, Node]:
        data: dict[str, Data] = {}
        entries: dict[str, Entry] = {}
        while not parser.check_event(events.MappingEndEvent):
            key, at = self.key(parser, depth)
            value, node = self.value(parser, depth + 1)
            if key in entries:
                line = entries[key].key.line
                message = f"the key '{key}' is here already, in line {line}"
                self.problems.append(Problem("TW1005", message, at, hint="remove one of the two"))
            elif key == "<<" and at.source.text.startswith("<<", at.start):
                self.problems.append(
                    Problem("TW1006", "merge keys (`<<`) are not used in documents", at, hint="write the keys out")
                )
            else:
                data[key], entries[key] = value, Entry(at, node)
        end = parser.get_event()
        style = "{" if start.flow_style else ""
        return data, Node(self.source, start.start_mark.index, end.end_mark.index, style, entries=entries)

    def key(self, parser: Any, depth: int) -> tuple[str, Span]:
        """A key is always the text that is written, so `no:` and `2024:` are names like any other."""
        _, node = self.value(parser, depth + 1)
        if not node.scalar:
            self.problems.append(
                Problem(
                    "TW1010",
                    "a key is a text, not a list or map",
                    node.span,
                    hint="quote an expression that begins with a bracket",
                )
            )
        return node.raw, node.span

    def sequence(self, parser: Any, start: Any, depth: int) -> tuple[Data, Node]:
        data: list[Data] = []
        items: list[Node] = []
        while not parser.check_event(events.SequenceEndEvent):
            value, node = self.value(parser, depth + 1)
            data.append(value)
            items.append(node)
        end = parser.get_event()
        style = "[" if start.flow_style else ""
        return data, Node(self.source, start.start_mark.index, end.end_mark.index, style, items=items)

    def add(self, code: str, message: str, event: Any, hint: str) -> None:
        self.problems.append(
            Problem(code, message, Span(self.source, event.start_mark.index, event.end_mark.index), hint=hint)
        )

    def refuse(self, code: str, message: str, at: Span, hint: str = "") -> Loaded:
        return Loaded(None, (*self.problems, Problem(code, message, at, hint=hint)))


class TooDeep(Exception):
    """Nesting beyond what any document needs, and beyond what recursion should be trusted with."""

    def __init__(self, at: Span) -> None:
        self.at = at
        super().__init__()
