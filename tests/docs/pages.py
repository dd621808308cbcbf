"""The pages of the documentation as CommonMark reads them: their blocks of code, tables, headings and links.

What tests make of a block is told by its language:

- `yaml`: a whole document where its first key is a kind; else a part of one, which must be readable.
- `feel`: a line each, `expression  // value`.
- `script`: a script on a sales order of the sales module.
- `sh`: commands; those of `tradewind` must exist, with their options.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from dsl.documents import Document, load
from engine.model import KINDS

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Block:
    """A fenced block of code; `line` is that of its fence, counted from 1."""

    page: str
    line: int
    language: str
    text: str
    before: str  # the paragraph before it

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def document(self) -> Document | None:
        """The workspace document that a `yaml` block holds; None where it holds a part of one, or a mapping file."""
        found = load(str(self), self.text).document if self.language == "yaml" else None
        whole = found is not None and found.kind in (*KINDS, "extend") and "columns" not in found.data
        return found if whole else None


def pages() -> list[str]:
    """Every page, as a path in the repository."""
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "modules/README.md"]
    return [page.relative_to(ROOT).as_posix() for page in found if page.exists()]


@cache
def tokens(page: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8"))


def blocks(page: str, *languages: str) -> list[Block]:
    """The fenced blocks of a page, in order; of these languages only, if any are given."""
    found, before = [], ""
    for token in tokens(page):
        if token.type == "inline":
            before = token.content
        if token.type == "fence" and token.map is not None:
            found.append(Block(page, token.map[0] + 1, token.info, token.content, before))
    return [block for block in found if not languages or block.language in languages]


def every(*languages: str) -> list[Block]:
    return [block for page in pages() for block in blocks(page, *languages)]


def rows(page: str) -> Iterator[list[str]]:
    """The rows of the page's tables, headings of columns included: cells as written."""
    row: list[str] = []
    cell = False
    for token in tokens(page):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield row
        elif token.type in ("td_open", "th_open"):
            cell = True
        elif token.type == "inline" and cell:
            row.append(token.content)
            cell = False


def code(cell: str) -> str:
    """The code in a cell of a table, without its backticks."""
    return cell.strip().strip("`").strip().replace("\\|", "|")


def links(page: str) -> Iterator[str]:
    """Where the page's links and pictures point."""
    for token in tokens(page):
        for child in token.children or ():
            target = child.attrs.get("href") or child.attrs.get("src")
            if target is not None:
                yield str(target)


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found, heading = set(), False
    for token in tokens(page):
        if token.type == "inline" and heading:
            words = "".join(child.content for child in token.children or ())
            found.add(re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-"))
        heading = token.type == "heading_open"
    return found
