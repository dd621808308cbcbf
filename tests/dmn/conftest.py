"""Models from files, and small ones written out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsl.decisions import Decided
from dsl.dmn import Model, compile_models, read

FILES = Path(__file__).parent / "files"
HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">{}</definitions>'


def loaded(*names: str) -> Model:
    """The model of the first file, with the others to import from."""
    reads = [read(name, (FILES / name).read_bytes()) for name in names]
    return compile_models([each.definitions for each in reads], [problem for each in reads for problem in each.problems])


def written(body: str) -> Model:
    """A model from the elements within its `definitions`."""
    found = read("m.dmn", HEAD.format(body).encode())
    return compile_models([found.definitions], found.problems)


def exact(value: Any) -> Any:
    """Whole numbers as numbers of FEEL."""
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    if isinstance(value, list):
        return [exact(each) for each in value]
    return Decimal(value) if type(value) is int else value


def decided(model: Model, name: str, **context: Any) -> Decided:
    """Names with spaces are written with `_`."""
    return model.decide(name, {key.replace("_", " "): exact(value) for key, value in context.items()})


@pytest.fixture
def load() -> Callable[..., Model]:
    return loaded


@pytest.fixture
def model() -> Callable[[str], Model]:
    return written


@pytest.fixture
def decide() -> Callable[..., Decided]:
    return decided


@pytest.fixture
def text() -> Callable[[str], str]:
    """A file of `files`, as text."""
    return lambda name: (FILES / name).read_text()
