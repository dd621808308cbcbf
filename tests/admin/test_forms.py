"""What a posted form becomes, without a browser."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from admin.web import create_app
from engine import publishing
from engine.workspace import Workspace

FILES = {
    "workspace.yaml": "workspace: shop\nlabel: {en: Repair shop}\ncurrency: EUR\n",
    "job.yaml": """\
entity: job
label: {en: Job}
fields:
  name: {type: text, required: true}
  urgent: {type: boolean}
  tags: {type: choices, options: [wood, metal]}
  extra: {type: json}
  scan: {type: file}
  parts:
    type: lines
    fields:
      part: {type: text, required: true}
      count: {type: integer, default: 1}
""",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(tmp_path)
    outcome = publishing.publish(workspace, FILES)
    assert outcome.accepted, outcome
    with workspace.step(None) as step:
        boss = step.records.create("user", {"login": "boss", "name": "The Boss", "roles": ["admin"]})
        step.flush()
        step.access.set_password(boss, "a long word")
    yield workspace
    workspace.close()


@pytest.fixture
def client(workspace: Workspace) -> FlaskClient:
    """The boss, logged in."""
    app = create_app(workspace)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/login", data={"login": "boss", "password": "a long word"}).status_code == 303
    return client


JOB = {
    "name": "Chair", "urgent-present": "1", "urgent": "true", "tags-present": "1", "tags": ["wood", "metal"], "extra": '{"a": 1.5}',
    "parts-present": "1", "parts-0-id": "", "parts-0-part": "leg", "parts-0-count": "",
    "parts-4-id": "", "parts-4-part": "", "parts-4-count": "", "parts-7-id": "", "parts-7-part": "seat", "parts-7-count": "2",
}  # fmt: skip


def test_empty_rows_are_dropped_and_empty_cells_of_new_ones_take_their_default(workspace: Workspace, client: FlaskClient) -> None:
    assert client.post("/r/job/new", data=JOB).status_code == 303

    with workspace.step(None, readonly=True) as step:
        job = step.records.get("job", 1)
        assert [(line["part"], line["count"]) for line in job["parts"]] == [("leg", 1), ("seat", 2)]
        assert (job["urgent"], job["tags"]) == (True, ["wood", "metal"])


def test_a_box_without_its_tick_means_no_and_a_field_without_input_is_not_touched(workspace: Workspace, client: FlaskClient) -> None:
    client.post("/r/job/new", data=JOB)

    assert client.post("/r/job/1", data={"urgent-present": "1", "tags-present": "1"}).status_code == 303

    with workspace.step(None, readonly=True) as step:
        job = step.records.get("job", 1)
        assert (job["urgent"], job["tags"], job["name"], len(job["parts"])) == (False, [], "Chair", 2)


def test_what_cannot_be_read_is_told_and_kept(client: FlaskClient) -> None:
    answer = client.post("/r/job/new", data=JOB | {"extra": "{broken"})

    assert answer.status_code == 422
    assert "This must be JSON" in answer.text
    assert "{broken" in answer.text
    assert 'value="seat"' in answer.text


def test_a_file_is_stored_under_a_safe_name_and_read_by_the_records_readers_only(workspace: Workspace, client: FlaskClient) -> None:
    upload = {"scan": (io.BytesIO(b"<script>"), "../../a.html")}
    client.post("/r/job/new", data=JOB | upload, content_type="multipart/form-data")

    answer = client.get("/r/job/1/files/scan/1")

    assert answer.data == b"<script>"
    assert answer.headers["Content-Disposition"] == "attachment; filename=a.html"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/r/job/1/files/name/1").status_code == 404
    client.post("/logout")
    assert client.get("/r/job/1/files/scan/1").status_code == 302


@pytest.mark.parametrize("address", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_to_another_site_by_logging_in(client: FlaskClient, address: str) -> None:
    client.post("/logout")
    answer = client.post("/login", data={"login": "boss", "password": "a long word", "next": address})
    assert answer.headers["Location"] == "/"


def test_a_form_without_its_token_is_refused(workspace: Workspace) -> None:
    app = create_app(workspace)
    assert app.test_client().post("/login", data={"login": "boss", "password": "a long word"}).status_code == 400


@pytest.mark.parametrize("path", ["/r/nothing", "/r/job/77", "/nowhere", "/tasks/5/approve"])
def test_what_is_not_there_has_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Back to the start" in answer.text
