"""The OpenAPI document is valid, and describes every call with its parameters; so does docs/reference/api.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from admin.api.incoming import parameters_of

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
FILES = {"extend.yaml": "extend: entity customer\nfields:\n  x_contract: {type: file}\n  x_papers: {type: files}\n"}


def calls(company: Any) -> Iterator[tuple[str, str, str]]:
    """Method, path with every variable as `{}`, and endpoint of each call that is served."""
    for rule in company.app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield method.lower(), re.sub(r"<[^>]+>", "{}", rule.rule.removeprefix("/api/v1")), rule.endpoint


def test_the_document_is_valid(company: Any) -> None:
    OpenAPIV31SpecValidator(company.client.get("/api/v1/openapi.json").json).validate()


def test_every_call_is_in_the_document_with_its_query_parameters_and_no_other(company: Any) -> None:
    company.workspace.publish(company.workspace.files() | FILES)
    described: dict[tuple[str, str], set[str]] = {}
    for path, operations in company.client.get("/api/v1/openapi.json").json["paths"].items():
        general = re.sub(r"\{[^}]+\}", "{}", re.sub(r"^/records/\w+", "/records/{}", path))
        for method, operation in operations.items():
            asked = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
            assert described.setdefault((method, general), asked) == asked

    served = {(method, path): set(parameters_of(company.app.view_functions[endpoint])) for method, path, endpoint in calls(company)}
    assert described == served


def test_every_call_is_in_the_reference_and_no_other(company: Any) -> None:
    table = re.findall(r"^\| `(GET|POST|PATCH|DELETE) (/[^`?]*)", PAGE, re.MULTILINE)
    told = {(method.lower(), re.sub(r"\{[^}]+\}", "{}", path)) for method, path in table}

    assert told == {(method, path) for method, path, _ in calls(company)}


def test_the_answers_fit_their_schemas(company: Any) -> None:
    from jsonschema import Draft202012Validator

    document = company.client.get("/api/v1/openapi.json").json
    for path in ("/records/sales_order", "/records/customer", "/records/product", "/tasks", "/config/revisions", "/config/plan"):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = company.tom.get(path)
        Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json)
