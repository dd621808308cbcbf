"""The draft as Studio sees it: published files with the draft's changes, built once until one of them changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dsl.problems import Problem
from engine import publishing
from engine.model import Built
from engine.model.diff import Change, diff
from engine.model.model import Model
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be published now. `model` is the published one where the draft has errors."""

    workspace: Workspace
    files: Mapping[str, str]
    built: Built = field(repr=False)
    changes: tuple[Change, ...]
    base: int
    author: str | None

    @property
    def model(self) -> Model:
        return self.built.model or self.workspace.model

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self.built.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.built.problems if p.severity == "error")

    def document(self, kind: str, name: str) -> Mapping[str, Any]:
        """A document as it is in effect in the draft, as plain data."""
        return self.built.effective[(kind, name)]

    def files_of(self, kind: str, name: str) -> dict[str, str]:
        """The files that say what a document is: its own and what extends it; path to text."""
        head = re.compile(rf"(?:{kind}:|extend:\s*['\"]?{kind})\s+['\"]?{re.escape(name)}\b")
        return {path: text for path, text in self.files.items() if any(head.match(first) for first in heads(text))}

    def problems_of(self, kind: str, name: str) -> list[Problem]:
        """The problems in the files that a document comes from."""
        paths = self.files_of(kind, name).keys()
        return [p for p in self.problems if p.at.source.path in paths]

    def keep(self, changed: Mapping[str, str], author: str) -> None:
        """Put changed files into the draft."""
        self.workspace.save_draft({**self.workspace.draft().files, **changed}, author=author)


def heads(text: str) -> Iterator[str]:
    """The first line with content of each document in a file: it says what the document is."""
    for document in re.split(r"^---.*$", text, flags=re.M):
        yield next((line for line in document.lstrip("\ufeff").splitlines() if line.strip() and not line.startswith("#")), "")


def open_draft(workspace: Workspace) -> Draft:
    published_files, drafted = workspace.files(), workspace.draft()
    files = publishing.drafted(workspace)
    built = publishing.built_of(files)
    published = publishing.built_of(published_files)
    changes = tuple(diff(published.effective, built.effective)) if files != published_files else ()
    return Draft(workspace, files, built, changes, drafted.base or workspace.revision, drafted.author)
