"""Small workspaces, written in the test that is about them."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from engine.model import Built, build

Check = Callable[..., list[tuple[str, str]]]
WORKSPACE = "workspace: shop\nlabel: Shop\ncurrency: CNY\ntime_zone: Asia/Shanghai\n"


def files(documents: dict[str, str]) -> dict[str, str]:
    """Files of a workspace; `customizations__a` stands for customizations/a.yaml."""
    found = {f"{name.replace('__', '/')}.yaml": dedent(text).lstrip("\n") for name, text in documents.items()}
    return {"workspace.yaml": WORKSPACE} | found


@pytest.fixture
def built() -> Callable[..., Built]:
    """`built(order="entity: order …")` builds a workspace of these documents."""
    return lambda **documents: build(files(documents))


@pytest.fixture
def model(built):
    """`model(order="…")` is the model of documents without a problem."""

    def model_of(**documents):
        found = built(**documents)
        assert found.problems == []
        return found.model

    return model_of


@pytest.fixture
def problems(built) -> Check:
    """`problems(order="…")` gives (place, code) of each problem: ("order.yaml:3:5", "TW1102")."""
    return lambda **documents: [(problem.place, problem.code) for problem in built(**documents).problems]


@pytest.fixture
def messages(built):
    """`messages(order="…")` gives message and hint of each problem."""

    def found(**documents):
        return [f"{problem.message}; {problem.hint}".removesuffix("; ") for problem in built(**documents).problems]

    return found
