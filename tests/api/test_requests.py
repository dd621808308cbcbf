"""Requests that are wrong, hostile or come twice: always problem details, never a 500, never half a change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from admin.web import create_app
from engine import Workspace
from engine.model import load_folder

TRADING = Path(__file__).parents[2] / "examples" / "trading"
PAPERS = """
extend: entity customer
fields:
  x_scan: {type: file, accept: [.pdf, image/*], max_size: 10}
  x_logo: {type: image}
"""
ORDER = {"customer": 1, "lines": [{"product": 1, "quantity": 1}]}


def total(person: Any, entity: str = "customer") -> int:
    return int(person.get(f"/records/{entity}?count=true&limit=1").json["total"])


# ---- what cannot be understood ----


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/records/customer?filtr=1", 400, "Unknown query parameter 'filtr'"),
        ("GET", "/me?x=1", 400, "known here: none"),
        ("GET", "/records/customer?limit=5&limit=6", 400, "comes 2 times"),
        ("GET", "/records/customer?limit=%C2%B2", 400, "limit must be a whole number"),
        ("GET", "/records/customer?limit=201", 400, "from 1 to 200"),
        ("GET", "/records/customer?limit=" + "9" * 5000, 400, "limit must be a whole number"),
        ("GET", "/records/customer?count=yes", 400, "count must be true or false"),
        ("GET", "/records/customer?search=a%00b", 400, "cannot be stored"),
        ("GET", "/records/customer?sort=nme", 400, "cannot be sorted by 'nme'"),
        ("GET", "/records/customer?expand=nme", 400, "has no field 'nme'"),
        ("GET", "/records/customer/" + "9" * 30, 404, "nothing with the id"),
        ("GET", "/records/customer/0", 404, "nothing with the id"),
        ("GET", "/records/customer/-1", 404, "There is no call"),
        ("GET", "/records/sales_order.lines", 404, "There is no entity"),
        ("GET", "/tasks/4711", 404, "There is no task 4711"),
        ("GET", "/instances/4711", 404, "4711"),
        ("GET", "/nothing", 404, "There is no call /api/v1/nothing"),
        ("PUT", "/records/customer/1", 405, "takes DELETE, GET"),
        ("DELETE", "/records/customer", 405, "not DELETE"),
        ("POST", "/records/customer/1/actions/fly", 409, "fly"),
        ("POST", "/processes/fly/start", 404, "There is no process 'fly'"),
        ("POST", "/instances/4711/cancel", 404, "4711"),
    ],
)
def test_a_wrong_address_is_a_problem(company: Any, method: str, path: str, status: int, told: str) -> None:
    answer = company.tom.call(method, path)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text
    assert told in answer.json["title"]
    assert answer.json["status"] == status


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b'{"name": "a\\u0000b"}', "application/json", 400),
        (b'{"name": "\\ud800"}', "application/json", 400),
        (b'{"\\u0000": 1}', "application/json", 400),
        (b'{"payment_days": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"name": "A"}', "text/plain", 415),
        (b"name=A", "application/x-www-form-urlencoded", 415),
        (b'{"name": "A", "credit_limit": 1e999999999}', "application/json", 422),
        (b'{"name": "A", "payment_days": 1e30}', "application/json", 422),
        (b'{"name": "A", "payment_days": 1.5}', "application/json", 422),
        (b'{"name": "A", "credit_limit": "NaN"}', "application/json", 422),
        (b'{"name": "A", "credit_limit": 1.001}', "application/json", 422),
        (b'{"name": ["A"]}', "application/json", 422),
        (b'{"name": "A", "nme": 1, "rating": {}}', "application/json", 422),
        (b'{"name": "A", "number": "mine"}', "application/json", 422),
    ],
)
def test_a_wrong_body_is_a_problem_and_nothing_is_made(company: Any, body: bytes, content_type: str, status: int) -> None:
    before = total(company.tom)

    answer = company.tom.call("POST", "/records/customer", data=body, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.text[:500]
    assert total(company.tom) == before


@pytest.mark.parametrize("wrong", [{}, [], True, "x", "9" * 5000, 10**30, {"id": []}, -1, None])
def test_an_owner_or_a_line_that_is_none_is_refused_by_its_name(company: Any, wrong: object) -> None:
    number = company.amy.post("/records/sales_order?confirm=true", ORDER).json["id"]

    owner = company.tom.patch(f"/records/sales_order/{number}?confirm=true", {"owner": wrong})
    lines = company.tom.patch(f"/records/sales_order/{number}?confirm=true", {"lines": [{"id": wrong if wrong is not None else 0}]})

    assert (owner.status_code, owner.json["errors"][0]["path"]) == (422, "owner")
    assert (lines.status_code, lines.json["errors"][0]["path"]) == (422, "lines.0.id")


@pytest.mark.parametrize("body", [{"values": []}, {"comment": 5}, {"values": {"x": 1}}, {"colour": 1}, {"user": []}, {"action": 5}])
def test_a_task_takes_what_it_asks_for_and_nothing_else(company: Any, body: dict[str, Any]) -> None:
    task = company.bob.get("/tasks").json[0]

    assert company.bob.post(f"/tasks/{task['id']}/approve", body).status_code in (400, 409, 422)
    assert company.bob.get(f"/tasks/{task['id']}").json["status"] == "open"


def test_a_task_is_commented_transferred_and_asked_for_by_the_right_people(company: Any) -> None:
    task = company.bob.get("/tasks").json[0]
    address = f"/tasks/{task['id']}"

    assert company.bob.post(f"{address}/comment", {"comment": "later"}).status_code == 200
    assert company.bob.post(f"{address}/fly").status_code == 409
    assert company.wei.post(f"{address}/approve").status_code in (403, 404)
    assert company.bob.post(f"{address}/transfer", {"user": "nobody"}).status_code in (404, 409)


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "W10", "WzFd", "WyJhIiwiYiJd", "W251bGxd", "W1tdLHt9XQ", "WzFlOTk5LDFd", "%FF", "a" * 4000]
)
@pytest.mark.parametrize("sort", ["name", "-created_at", "credit_limit"])
def test_a_cursor_that_was_tampered_with_is_refused_or_harmless(company: Any, cursor: str, sort: str) -> None:
    answer = company.tom.get(f"/records/customer?sort={sort}&cursor={cursor}")

    assert answer.status_code in (200, 422), answer.text
    assert answer.status_code == 200 or answer.json["errors"][0]["code"] == "cursor"


@pytest.mark.parametrize(
    "condition",
    ["name =", "nme = 1", "1 +", "name", "(" * 3000, "id = 99999999999999999999999", "credit_limit > 1e400", "credit_limit > 10**400",
     "name = \"'; drop table customer; --\"", 'matches(name, "(a+)+$")', "now() > created_at", "created_at > 1"],
)  # fmt: skip
def test_a_filter_is_compiled_or_its_mistake_is_told_with_its_place(company: Any, condition: str) -> None:
    answer = company.tom.get("/records/customer", query_string={"filter": condition})

    assert answer.status_code in (200, 400), answer.text[:500]
    if answer.status_code == 400 and answer.json["code"] == "invalid_expression":
        assert answer.json["errors"][0]["path"].startswith("<expression>:1:")
    assert total(company.tom) > 0


def test_a_wrong_if_match_is_told_and_an_old_one_is_412(company: Any) -> None:
    calls = {"/records/customer/1": ["PATCH", "DELETE"], "/records/sales_order/1/actions/cancel": ["POST"]}
    for path, method in ((path, method) for path, methods in calls.items() for method in methods):
        wrong = company.tom.call(method, path, json={}, headers={"If-Match": "²"})
        old = company.tom.call(method, path, json={}, headers={"If-Match": '"999"'})
        assert (wrong.status_code, old.status_code) == (400, 412), path


# ---- methods, credentials ----


def test_head_and_options_say_what_there_is(company: Any) -> None:
    head, options = company.tom.call("HEAD", "/records/customer/1"), company.client.options("/api/v1/records/customer")

    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", '"1"')
    assert (options.status_code, set(options.headers["Allow"].split(", "))) == (200, {"GET", "HEAD", "OPTIONS", "POST"})


def test_a_session_writes_only_with_the_csrf_token_of_its_pages(company: Any) -> None:
    company.app.config["WTF_CSRF_CHECK_DEFAULT"] = True
    with company.workspace.step(None) as step:
        step.access.set_password(step.access.user_by_login("tom"), "secret")
        number = step.access.user_by_login("tom").id
    with company.client.session_transaction() as session:
        session["user"] = number

    read = company.client.get("/api/v1/me")
    refused = company.client.post("/api/v1/records/customer", json={"name": "Acme"})

    assert (read.status_code, read.json["login"]) == (200, "tom")
    assert (refused.status_code, refused.content_type) == (400, "application/problem+json")
    assert "CSRF" in refused.json["title"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic dG9tOnRvbQ==", "Bearer tw_1_2", "Bearer \u00e9"])
def test_credentials_that_are_none_are_401(company: Any, header: str) -> None:
    answer = company.client.get("/api/v1/me", headers={"Authorization": header})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_the_configuration_is_closed_to_all_but_admins_on_every_call(company: Any) -> None:
    read = [company.bob.get(f"/config/{name}") for name in ("revisions", "draft", "plan")]
    written = [company.bob.post(f"/config/{name}") for name in ("draft", "check", "publish")]

    assert {answer.status_code for answer in (*read, *written)} == {403}


@pytest.mark.parametrize(
    "files", [None, [], {"workspace.yaml": "x"}, {"customizations/../workspace.yaml": "x"}, {"customizations/a.yaml": 5}]
)
def test_a_draft_holds_customizations_only(company: Any, files: object) -> None:
    assert company.tom.post("/config/draft", {"files": files}).status_code == 400


# ---- repeating ----


def test_the_same_request_with_the_same_key_is_done_once(company: Any) -> None:
    key = {"Idempotency-Key": "order-1"}
    before = total(company.tom, "sales_order")

    first = company.amy.post("/records/sales_order?confirm=true", ORDER, headers=key)
    again = company.amy.post("/records/sales_order?confirm=true", ORDER, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert (again.headers["Location"], again.headers["ETag"]) == (first.headers["Location"], first.headers["ETag"])
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert total(company.tom, "sales_order") == before + 1


def test_a_key_belongs_to_one_request_of_one_person(company: Any) -> None:
    key = {"Idempotency-Key": "k"}
    company.tom.post("/records/customer", {"name": "Acme"}, headers=key)

    other_body = company.tom.post("/records/customer", {"name": "Ajax"}, headers=key)
    other_address = company.tom.post("/records/supplier", {"name": "Acme"}, headers=key)
    other_person = company.amy.post("/records/customer", {"name": "Acme"}, headers=key)

    assert (other_body.status_code, other_body.json["code"]) == (422, "idempotency_key_reused")
    assert other_address.status_code == 422
    assert other_person.headers.get("Idempotency-Replayed") is None


def test_a_refused_request_frees_its_key(company: Any) -> None:
    key = {"Idempotency-Key": "k"}

    refused = company.tom.post("/records/customer", {}, headers=key)
    mended = company.tom.post("/records/customer", {"name": "Acme"}, headers=key)

    assert (refused.status_code, mended.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel"])
def test_a_key_that_is_none_is_refused(company: Any, key: str) -> None:
    assert company.tom.post("/records/customer", {"name": "Acme"}, headers={"Idempotency-Key": key}).status_code == 400


def test_every_post_may_be_repeated(company: Any) -> None:
    order = company.amy.post("/records/sales_order?confirm=true", ORDER | {"discount": "0.2"}).json
    address = f"/records/sales_order/{order['id']}"
    patch = {"customizations/entity_customer.yaml": "extend: entity customer\nfields:\n  x_region: {type: text}\n"}
    calls = [
        (company.amy, f"{address}/comments", {"text": "hello"}),
        (company.amy, f"{address}/actions/submit", {}),
        (company.tom, "/records/customer/batch?partial=true", {"records": [{"name": "One"}, {"nme": "Two"}]}),
        (company.tom, "/config/draft", {"files": patch}),
        (company.tom, "/config/publish", {"message": "Region"}),
    ]
    for number, (person, path, body) in enumerate(calls):
        first = person.post(path, body, headers={"Idempotency-Key": f"k{number}"})
        again = person.post(path, body, headers={"Idempotency-Key": f"k{number}"})
        assert first.status_code < 300, first.text
        assert (again.status_code, again.data, again.headers.get("Idempotency-Replayed")) == (first.status_code, first.data, "true"), path

    comments = company.amy.get(f"{address}/comments").json
    assert [comment["text"] for comment in comments] == ["hello"]


def test_ten_at_once_with_one_key_make_one_record(database_url: str, tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path, database_url)
    workspace.publish(load_folder(TRADING))
    app = create_app(workspace)
    with workspace.step(None) as step:
        token = step.access.create_token(step.access.user_by_login("tom"), "test")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}

    def post(_: int) -> tuple[int, bytes]:
        answer = app.test_client().post("/api/v1/records/customer", json={"name": "Only One"}, headers=headers)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(10) as threads:
        answers = set(threads.map(post, range(10)))
    found = app.test_client().get("/api/v1/records/customer?search=Only+One&count=true", headers=headers).json
    workspace.close()

    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert found["total"] == 1


# ---- batches, comments, files ----


def test_a_batch_is_at_most_a_thousand_objects(company: Any) -> None:
    assert company.tom.post("/records/customer/batch", {"records": [{"name": "x"}] * 1001}).status_code == 400
    assert company.tom.post("/records/customer/batch", {"records": [1]}).status_code == 400
    assert company.tom.post("/records/customer/batch", {}).status_code == 400
    assert company.tom.post("/records/customer/batch", {"records": []}).json == {"results": []}
    refused = company.tom.post("/records/customer/batch", {"records": [{"name": "One"}, {"name": ""}]})
    assert refused.json["errors"][0]["path"] == "records.1.name"


def test_a_partial_batch_keeps_what_is_right_and_tells_the_rest(company: Any) -> None:
    rows = [{"name": "One"}, {"name": ""}, {"id": 1, "version": 1, "city": "Suzhou"}, {"id": 1, "version": 1}, {"id": "x"}, {"id": 10**30}]

    results = company.tom.post("/records/customer/batch?partial=true", {"records": rows}).json["results"]

    assert [each.get("error", {}).get("status") for each in results] == [None, 422, None, 412, 422, 404]
    assert company.tom.get("/records/customer/1").json["city"] == "Suzhou"


def test_comments_are_those_of_the_timeline(company: Any) -> None:
    made = company.tom.post("/records/customer/1/comments", {"text": " Call on Monday "})
    company.tom.post("/records/customer/1/comments", {"text": "Called"})

    assert (made.status_code, made.json["text"]) == (201, "Call on Monday")
    assert [comment["text"] for comment in company.tom.get("/records/customer/1/comments").json] == ["Called", "Call on Monday"]
    assert company.tom.post("/records/customer/1/comments", {"text": " "}).status_code == 422
    assert company.tom.post("/records/customer/1/comments", {"text": 5}).status_code == 400
    assert company.tom.post("/records/customer/4711/comments", {"text": "x"}).status_code == 404


def test_files_are_stored_listed_and_downloaded_by_those_who_see_the_record(company: Any) -> None:
    patch = {"customizations/entity_customer.yaml": "extend: entity customer\nfields:\n  x_papers: {type: files}\n"}
    company.workspace.publish(company.workspace.files() | patch)
    address = "/records/customer/1/files"

    def upload(field: str) -> Any:
        return company.tom.call("POST", address, data={"field": field, "file": (BytesIO(b"<script>"), "../合同.html")})

    made = upload("x_papers")
    upload("x_papers")

    assert (made.status_code, made.json["name"], made.json["size"]) == (201, "合同.html", 8)
    assert [file["field"] for file in company.tom.get(address).json] == ["x_papers", "x_papers"]
    shown = company.tom.get(f"{address}/{made.json['id']}")
    assert (shown.data, shown.headers["Content-Disposition"].startswith("attachment")) == (b"<script>", True)
    assert company.tom.get(f"/records/customer/2/files/{made.json['id']}").status_code == 404
    assert upload("name").status_code == 400
    assert company.tom.post(address, {"field": "x_papers"}).status_code == 415


@pytest.mark.parametrize(
    ("field", "name", "content", "told"),
    [
        ("x_scan", "scan.txt", b"text", "scan.txt is not of a kind that goes here: .pdf, image/*"),
        ("x_scan", "scan.pdf", b"12345678901", "scan.pdf is larger than 10 bytes"),
        ("x_logo", "logo.pdf", b"%PDF", "logo.pdf is not of a kind that goes here: image/*"),
    ],
)
def test_a_field_takes_files_of_its_size_and_kind_only(company: Any, field: str, name: str, content: bytes, told: str) -> None:
    company.workspace.publish(company.workspace.files() | {"customizations/entity_customer.yaml": PAPERS})

    refused = company.tom.call("POST", "/records/customer/1/files", data={"field": field, "file": (BytesIO(content), name)})
    taken = company.tom.call("POST", "/records/customer/1/files", data={"field": "x_scan", "file": (BytesIO(b"%PDF"), "a.PDF")})

    assert refused.status_code == 422
    assert refused.json["errors"] == [{"path": field, "code": refused.json["errors"][0]["code"], "message": told}]
    assert taken.status_code == 201


def test_somebody_elses_file_is_not_attached_by_its_number(company: Any) -> None:
    company.workspace.publish(company.workspace.files() | {"customizations/entity_customer.yaml": PAPERS})
    made = company.tom.call("POST", "/records/customer/1/files", data={"field": "x_scan", "file": (BytesIO(b"%PDF"), "a.pdf")})

    refused = company.amy.patch("/records/customer/1", {"x_logo": made.json["id"]})
    unknown = company.amy.patch("/records/customer/1", {"x_scan": 4711})
    kept = company.amy.patch("/records/customer/1", {"x_scan": made.json["id"]})

    assert [error["message"] for error in refused.json["errors"]] == [f"There is no file {made.json['id']}"]
    assert [error["message"] for error in unknown.json["errors"]] == ["There is no file 4711"]
    assert kept.status_code == 200  # it was there already
