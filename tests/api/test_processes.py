"""Actions and tasks over HTTP: the main job without a browser."""

from __future__ import annotations

from typing import Any

ORDER = {"customer": 1, "discount": "0.15", "lines": [{"product": 1, "quantity": 2}, {"product": 2, "quantity": 1}]}


def test_an_order_is_submitted_approved_and_reserved(company: Any) -> None:
    order = company.amy.post("/records/sales_order?confirm=true", ORDER).json
    address = f"/records/sales_order/{order['id']}"
    reserved = company.wei.get("/records/stock", query_string={"filter": "product.id = 1"}).json["records"]

    submitted = company.amy.post(f"{address}/actions/submit")
    assert (submitted.status_code, submitted.json["record"]["status"]) == (200, "in_approval")

    task = next(task for task in company.bob.get("/tasks").json if task["record"] == order["id"])
    assert {"approve", "reject"} <= set(task["operations"])
    assert company.bob.post(f"/tasks/{task['id']}/approve", {"comment": "fine"}).status_code == 200

    assert company.amy.get(address).json["status"] == "approved"
    after = company.wei.get("/records/stock", query_string={"filter": "product.id = 1"}).json["records"]
    assert sum(float(s["reserved"]) for s in after) == sum(float(s["reserved"]) for s in reserved) + 2
    assert "fine" in str(company.amy.get(f"{address}/history").json)


def test_a_task_is_decided_once(company: Any) -> None:
    task = company.bob.get("/tasks").json[0]

    first = company.bob.post(f"/tasks/{task['id']}/approve", {"comment": "yes"})
    second = company.bob.post(f"/tasks/{task['id']}/reject", {"comment": "no"})

    assert (first.status_code, second.status_code) == (200, 409)
    assert "Bob Chen" in second.json["title"]


def test_a_signer_is_added_before_and_the_task_comes_back(company: Any) -> None:
    address = f"/tasks/{company.bob.get('/tasks').json[0]['id']}"

    assert company.bob.post(f"{address}/add_signer", {"users": "amy", "when": "before"}).status_code == 400
    assert company.bob.post(f"{address}/add_signer", {"users": ["bob"], "when": "before"}).status_code == 409
    assert company.bob.post(f"{address}/add_signer", {"users": ["wei"], "when": "sometimes"}).status_code == 409
    added = company.bob.post(f"{address}/add_signer", {"users": ["wei"], "when": "before", "comment": "See this"})
    assert (added.status_code, added.json["status"], added.json["outcome"]) == (200, "done", "waiting")
    taken_out = company.bob.post(f"{address}/remove_signer", {"user": "wei"})
    assert taken_out.status_code == 200
    assert "approve" in company.bob.get("/tasks").json[0]["operations"]


def test_an_action_that_is_not_open_says_so(company: Any) -> None:
    order = company.amy.post("/records/sales_order?confirm=true", ORDER).json
    address = f"/records/sales_order/{order['id']}/actions"

    assert [action["name"] for action in company.amy.get(address).json] == ["submit", "cancel"]
    assert company.amy.post(f"{address}/ship").status_code in (403, 409)
    assert company.amy.post(f"{address}/fly").status_code in (404, 409)


def test_boxes_are_the_four_of_the_inbox(company: Any) -> None:
    assert {company.bob.get(f"/tasks?box={box}").status_code for box in ("todo", "done", "started", "copied")} == {200}
    assert company.bob.get("/tasks?box=other").status_code == 400


def test_the_openapi_document_describes_every_entity_of_the_model(company: Any) -> None:
    document = company.client.get("/api/v1/openapi.json").json

    assert document["openapi"].startswith("3.1")
    assert {"/records/sales_order", "/records/sales_order/{id}", "/tasks"} <= set(document["paths"])
    assert document["components"]["schemas"]["sales_order"]["properties"]["total"]["readOnly"] is True


def test_the_configuration_is_for_admins(company: Any) -> None:
    assert company.amy.get("/config/revisions").status_code == 403
    assert [r["number"] for r in company.tom.get("/config/revisions").json] == [1]


def test_a_drafted_field_is_published_over_http_and_at_once_in_use(company: Any) -> None:
    patch = "extend: entity customer\nfields:\n  x_region: {type: choice, options: [north, south]}\n"

    assert company.tom.post("/config/draft", {"files": {"customizations/entity_customer.yaml": patch}}).status_code == 200
    plan = company.tom.get("/config/plan").json
    published = company.tom.post("/config/publish", {"message": "Regions"}).json

    assert any("x_region" in change for change in plan["changes"])
    assert published["accepted"] is True
    made = company.tom.post("/records/customer", {"name": "North Star", "x_region": "north"})
    assert made.json["x_region"] == "north"


def test_a_message_that_nobody_waits_for_is_kept_or_refused(company: Any) -> None:
    refused = company.amy.post("/messages/paid", {"key": "SO-1", "payload": {"amount": "12.50"}})
    kept = company.amy.post("/messages/paid", {"key": "SO-1", "payload": {"amount": "12.50"}, "ttl": "P1D"})
    wrong = company.amy.post("/messages/paid", {"key": "SO-1", "ttl": "soon"})

    assert (refused.status_code, refused.json["code"]) == (409, "unmatched")
    assert (kept.status_code, kept.json) == (200, {"key": "SO-1", "name": "paid"})
    assert (wrong.status_code, wrong.json["errors"][0]["path"]) == (422, "ttl")


def test_an_editor_is_told_what_could_follow_and_what_is_wrong(company: Any) -> None:
    answer = company.tom.post("/config/language", {"text": "customer.nam > 3", "offset": 12, "entity": "sales_order"}).json

    assert answer["completions"][0]["label"] == "name"
    assert [(each["start"], each["code"]) for each in answer["diagnostics"]] == [(9, "TW2003")]
    assert company.tom.post("/config/language", {"text": "1", "entity": "nothing"}).status_code == 400
    assert company.amy.post("/config/language", {"text": "1"}).status_code == 403
