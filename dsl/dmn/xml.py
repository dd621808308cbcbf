"""XML read safely, with the place of every element, attribute and character of text.

The standard library's expat is used directly: it is what defusedxml wraps, and alone tells columns, which neither ElementTree nor lxml
keep. No DMN file needs a document type, so any is refused at its first character; without one there are no entities to expand, and
nothing outside the file is ever read.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from dsl.problems import InvalidText, Problem
from dsl.source import Located, Source, Span

MAX_BYTES = 20_000_000
MAX_DEPTH = 200
MAX_ELEMENTS = 200_000
MAX_TEXT = 1_000_000
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DECLARATION = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Element:
    """One element. `space` is its namespace, `attributes` are by name, those of a foreign namespace by `{namespace}name`; `text` is what
    stands in it directly; `spaces` are the prefixes known to it."""

    name: str
    space: str
    attributes: dict[str, str]
    at: Span
    spaces: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: Located = field(default_factory=lambda: Located.plain(""))

    def get(self, name: str, otherwise: str = "") -> str:
        return self.attributes.get(name, otherwise)

    def all(self, *names: str) -> Iterator[Element]:
        """The children of these names, of the element's own namespace."""
        return (each for each in self.children if each.name in names and each.space == self.space)

    def one(self, *names: str) -> Element | None:
        return next(self.all(*names), None)


def parse(path: str, content: bytes) -> Element:
    """The root element of a file. Raises InvalidText, with the position, for what is no XML, and for XML that is hostile."""
    if len(content) > MAX_BYTES:
        raise InvalidText([Problem("TW2302", f"the file has more than {MAX_BYTES:,} bytes", Span(Source(path, ""), 0, 0))])
    return Building(Source(path, decoded(path, content))).run()


def decoded(path: str, content: bytes) -> str:
    """The text of a file by its byte order mark or declaration, else UTF-8, with line ends as XML sees them."""
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "")
    if not encoding:
        declared = _ENCODING.match(content[:200])
        encoding = declared[1].decode() if declared else "utf-8"
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        problem = Problem("TW2301", f"the file is not {encoding}", Span(Source(path, ""), 0, 0), hint="save it as UTF-8")
        raise InvalidText([problem]) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Building:
    """Builds the elements of one file from expat's events."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.bytes = source.text.encode("utf-8", "surrogatepass")
        self.places = characters(source.text) if len(self.bytes) != len(source.text) else None
        self.open: list[Element] = []
        self.pieces: list[tuple[list[str], list[int]]] = []
        self.root: Element | None = None
        self.count = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = False
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.document_type

    def run(self) -> Element:
        try:
            self.parser.Parse(self.bytes, True)
        except expat.ExpatError as error:
            lines = self.source.text.split("\n")
            before = sum(len(line) + 1 for line in lines[: error.lineno - 1])
            line = lines[error.lineno - 1].encode("utf-8", "surrogatepass") if error.lineno <= len(lines) else b""
            place = min(before + len(line[: error.offset].decode("utf-8", "ignore")), len(self.source.text))
            raise self.refused("TW2301", f"this is no XML: {expat.ErrorString(error.code)}", place) from error
        assert self.root is not None  # expat refuses a file without any element
        return self.root

    def refused(self, code: str, message: str, at: int) -> InvalidText:
        return InvalidText([Problem(code, message, Span(self.source, at, at + 1))])

    @property
    def place(self) -> int:
        """Where the event that is being told began, in characters."""
        byte = self.parser.CurrentByteIndex
        return byte if self.places is None else self.places[min(byte, len(self.places) - 1)]

    def document_type(self, *_: object) -> None:
        at = self.source.text.rfind("<!DOCTYPE", 0, self.place + 1)  # expat tells of it at its end
        raise self.refused("TW2302", "a document type (`<!DOCTYPE`) and its entities are not read: they can be made to harm", max(at, 0))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        at = self.place
        self.count += 1
        if len(self.open) >= MAX_DEPTH:
            raise self.refused("TW2302", f"elements are nested more than {MAX_DEPTH} deep", at)
        if self.count > MAX_ELEMENTS:
            raise self.refused("TW2302", f"the file has more than {MAX_ELEMENTS:,} elements", at)
        outer = self.open[-1].spaces if self.open else {"xml": "http://www.w3.org/XML/1998/namespace"}
        declared = {key[6:]: value for key, value in attributes.items() if key == "xmlns" or key.startswith("xmlns:")}
        spaces = {**outer, **declared} if declared else outer
        prefix, _, local = tag.rpartition(":")
        if prefix and prefix not in spaces:
            raise self.refused("TW2301", f"the prefix '{prefix}' is not declared", at)
        own = {}
        for key, value in attributes.items():
            first, _, name = key.rpartition(":")
            if key != "xmlns" and first != "xmlns":
                own[f"{{{spaces.get(first, first)}}}{name}" if first else name] = value
        element = Element(local, spaces.get(prefix, ""), own, Span(self.source, at, at + 1 + len(tag)), spaces)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)
        self.pieces.append(([], []))

    def characters(self, text: str) -> None:
        texts, offsets = self.pieces[-1]
        place = self.place
        if len(offsets) + len(text) > MAX_TEXT:
            raise self.refused("TW2302", f"a text has more than {MAX_TEXT:,} characters", place)
        plain = self.source.text.startswith(text, place)
        texts.append(text)
        offsets.extend(range(place, place + len(text)) if plain else [place] * len(text))

    def end(self, _: str) -> None:
        element = self.open.pop()
        texts, offsets = self.pieces.pop()
        text = "".join(texts)
        if text.strip():
            span = Span(self.source, offsets[0], offsets[-1] + 1)
            object.__setattr__(element, "text", trimmed(Located(text, span, tuple(offsets))))
        else:
            object.__setattr__(element, "text", Located("", element.at, ()))


def trimmed(text: Located) -> Located:
    """A text without the spaces around it."""
    inner = text.text.strip()
    start = text.text.index(inner)
    return text.slice(start, start + len(inner))


def characters(text: str) -> array[int]:
    """For every byte of the text in UTF-8, the character that it belongs to."""
    places = array("L")
    for index, character in enumerate(text):
        code = ord(character)
        places.extend([index] * (1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4))
    places.append(len(text))
    return places
