"""Reads a workspace folder, and the modules that it enables, as one set of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

from dsl.documents import load
from engine.model.layers import CUSTOMIZATIONS, MODULES

SKIPPED = frozenset(
    {"var", "maps", "node_modules"}
)  # the database's folder; mapping files of imports, which are no documents
SUFFIXES = (".yaml", ".yml")


def load_folder(path: str | os.PathLike[str]) -> dict[str, str]:
    """The documents of a workspace folder, {path in it: text}, with enabled modules under `modules/NAME/`.

    A module comes from the folder's own `modules/`, else from those that are installed; what a module depends on
    comes with it. Bytes that are not UTF-8 are kept as lone surrogates, which the check reports. Raises
    NotADirectoryError where there is no such folder.
    """
    root = Path(path)
    if not root.is_dir():
        raise NotADirectoryError(f"there is no folder {root}")
    files = {name: text for name, text in tree(root) if not name.startswith(MODULES)}
    todo = [
        name
        for text_path, text in files.items()
        if not text_path.startswith(CUSTOMIZATIONS)
        for name in listed(text_path, text, "workspace", "modules")
    ]
    if not any(kind_of(each, text) == "workspace" for each, text in files.items()) and (root / MODULES).is_dir():
        todo = [folder.name for folder in (root / MODULES).iterdir() if folder.is_dir()]
    done: set[str] = set()
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        for where, text in module_files(root, name):
            files[f"{MODULES}{name}/{where}"] = text
            todo.extend(listed(where, text, "module", "depends"))
    return files


def module_files(root: Path, name: str) -> Iterator[tuple[str, str]]:
    for folder in (root / MODULES / name, installed() / name):
        if name.isidentifier() and folder.is_dir():
            yield from tree(folder)
            return


@cache
def installed() -> Path:
    """The folder of the modules that come with Tradewind."""
    return Path(next(iter(import_module("modules").__path__)))


def tree(root: Path) -> Iterator[tuple[str, str]]:
    """Every YAML file below a folder, by its path with slashes; hidden files and other folders are left out."""
    for folder, below, names in os.walk(root):
        below[:] = sorted(each for each in below if each not in SKIPPED and not each.startswith((".", "__")))
        for name in sorted(names):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                file = Path(folder) / name
                if file.exists() and not file.is_file():
                    continue  # a pipe or a socket would be waited for; a broken link is told when it is read
                yield file.relative_to(root).as_posix(), file.read_bytes().decode("utf-8", "surrogateescape")


def kind_of(path: str, text: str) -> str:
    document = load(path, text).document
    return document.kind if document is not None else ""


def listed(path: str, text: str, kind: str, key: str) -> list[str]:
    """The names that a document of a kind lists under a key."""
    if kind not in text:
        return []
    document = load(path, text).document
    if document is None or document.kind != kind:
        return []
    names = document.data.get(key)
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
