"""The HTTP API of the demo's trading company, as its people call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.web import create_app
from engine import Workspace
from engine.model import load_folder

TRADING = Path(__file__).parents[2] / "examples" / "trading"


class Caller:
    """One person with a bearer token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.token = token

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, json=body if body is not None else {}, **options)

    def patch(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self.call("PATCH", path, json=body, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.call("DELETE", path, **options)


class Company:
    """The served workspace and its people: `company.amy.get("/me")`."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.app = create_app(workspace)
        self.client = self.app.test_client()

    def __getattr__(self, login: str) -> Caller:
        with self.workspace.step(None) as step:
            person = step.access.user_by_login(login)
            assert person is not None
            return Caller(self.client, step.access.create_token(person, "test"))


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    workspace = Workspace.open(tmp_path, f"sqlite:///{tmp_path / 'tradewind.db'}")
    workspace.publish(load_folder(TRADING))
    yield Company(workspace)
    workspace.close()
