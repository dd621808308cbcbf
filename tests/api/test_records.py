"""Records over HTTP (spec 4.2): exact values, optimistic locking, filters, pages, permissions."""

from __future__ import annotations

from typing import Any

ORDER = {"customer": 1, "discount": "0.1", "lines": [{"product": 1, "quantity": "2.5"}, {"product": 2, "quantity": 1}]}


def test_a_created_record_comes_back_with_exact_numbers_and_its_address(company: Any) -> None:
    answer = company.amy.post("/records/sales_order?confirm=true", ORDER)

    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/records/sales_order/{answer.json['id']}")
    assert answer.json["lines"][0]["quantity"] == "2.5"
    assert answer.json["net"] == "1766.00"
    assert answer.json["total"] == "1589.40"


def test_all_refused_values_are_told_at_once_by_their_path(company: Any) -> None:
    body = {"customer": 99999, "discount": "0.8", "colour": "red", "lines": [{"product": 1, "quantity": "0"}]}

    answer = company.amy.post("/records/sales_order", body)

    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert {(e["path"], e["code"]) for e in answer.json["errors"]} >= {("customer", "link"), ("colour", "unknown_field")}


def test_a_warning_asks_and_is_confirmed(company: Any) -> None:
    huge = {"customer": 1, "lines": [{"product": 1, "quantity": 1000}]}

    asked = company.amy.post("/records/sales_order", huge)
    confirmed = company.amy.post("/records/sales_order?confirm=true", huge)

    assert (asked.status_code, asked.json["code"]) == (409, "needs_confirmation")
    assert confirmed.status_code == 201


def test_a_stale_version_is_refused(company: Any) -> None:
    order = company.amy.post("/records/sales_order?confirm=true", ORDER).json
    address = f"/records/sales_order/{order['id']}"
    read = company.amy.get(address)

    first = company.amy.patch(address, {"reference": "A"}, headers={"If-Match": read.headers["ETag"]})
    second = company.amy.patch(address, {"reference": "B"}, headers={"If-Match": read.headers["ETag"]})

    assert (first.status_code, second.status_code) == (200, 412)
    assert company.amy.get(address).json["reference"] == "A"


def test_lines_that_keep_their_id_stay_and_the_others_go(company: Any) -> None:
    order = company.amy.post("/records/sales_order?confirm=true", ORDER).json
    kept = order["lines"][0]["id"]

    changed = company.amy.patch(f"/records/sales_order/{order['id']}?confirm=true",
                                {"lines": [{"id": kept, "quantity": 4}, {"product": 3}]}).json  # fmt: skip

    assert [line["quantity"] for line in changed["lines"]] == ["4", "1"]
    assert changed["lines"][0]["id"] == kept
    assert changed["lines"][1]["id"] not in {line["id"] for line in order["lines"]}


def test_a_filter_is_feel_and_its_mistakes_are_explained(company: Any) -> None:
    good = company.bob.get("/records/sales_order", query_string={"filter": 'total > 1000 and status in ("draft", "in_approval")'})
    bad = company.bob.get("/records/sales_order", query_string={"filter": "totl > 1000"})

    assert good.status_code == 200
    assert all(float(record["total"]) > 1000 for record in good.json["records"])
    assert bad.status_code == 400
    assert "did you mean 'total'?" in bad.json["errors"][0]["message"]


def test_pages_give_every_record_once_in_order(company: Any) -> None:
    seen: list[tuple[str, int]] = []
    cursor = ""
    while True:
        page = company.tom.get("/records/product", query_string={"sort": "-list_price", "limit": 4, "cursor": cursor}).json
        seen += [(record["list_price"], record["id"]) for record in page["records"]]
        if page["next"] is None:
            break
        cursor = page["next"]

    assert len(seen) == len(set(seen)) == company.tom.get("/records/product?limit=1&count=true").json["total"]
    assert [float(price) for price, _ in seen] == sorted((float(price) for price, _ in seen), reverse=True)


def test_only_the_fields_asked_for_come_and_links_are_expanded(company: Any) -> None:
    order = company.bob.get("/records/sales_order?fields=number,customer&expand=customer&limit=1").json["records"][0]

    assert set(order) == {"id", "version", "number", "customer"}
    assert order["customer"]["name"]


def test_what_one_may_not_see_does_not_exist(company: Any) -> None:
    order = company.amy.post("/records/sales_order?confirm=true", ORDER).json

    assert company.jun.get(f"/records/sales_order/{order['id']}").status_code == 404
    assert order["id"] not in {r["id"] for r in company.jun.get("/records/sales_order?limit=200").json["records"]}


def test_a_deleted_record_is_archived_unless_something_still_names_it(company: Any) -> None:
    unused = company.tom.post("/records/customer", {"name": "Short Visit"}).json

    assert company.tom.delete(f"/records/customer/{unused['id']}").status_code == 204
    assert company.tom.get(f"/records/customer/{unused['id']}").json["archived"] is True
    assert company.tom.delete("/records/customer/1").status_code == 409


def test_a_batch_is_kept_whole_or_not_at_all_unless_it_may_be_partial(company: Any) -> None:
    rows = {"records": [{"name": "First"}, {"nme": "Second"}]}
    before = company.tom.get("/records/customer?count=true").json["total"]

    whole = company.tom.post("/records/customer/batch", rows)
    after_whole = company.tom.get("/records/customer?count=true").json["total"]
    partial = company.tom.post("/records/customer/batch?partial=true", rows).json["results"]

    assert (whole.status_code, after_whole) == (422, before)
    assert "id" in partial[0]
    assert partial[1]["error"]["errors"][0]["path"] == "nme"


def test_wrong_requests_are_told_what_is_wrong(company: Any) -> None:
    assert company.amy.get("/records/nothing").status_code == 404
    assert company.amy.get("/records/customer?limit=0").status_code == 400
    assert company.amy.get("/records/customer?fields=nme").status_code == 400
    assert company.amy.get("/records/customer?cursor=broken").status_code == 422
    assert company.amy.post("/records/customer", headers={"Content-Type": "application/json"}, body=[1]).status_code == 400
    assert company.client.get("/api/v1/me").status_code == 401
    assert company.client.get("/api/v1/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_hidden_field_cannot_be_asked_about(company: Any) -> None:
    hidden = {*company.tom.get("/records/product?limit=1").json["records"][0]}
    hidden -= {*company.wei.get("/records/product?limit=1").json["records"][0]}
    assert hidden

    for name in hidden:
        assert company.wei.get("/records/product", query_string={"filter": f"{name} != null"}).status_code == 403
        assert company.wei.get("/records/product", query_string={"sort": name}).status_code == 400


def test_a_search_finds_parts_of_names_in_all_entities(company: Any) -> None:
    customer = company.amy.get("/records/customer").json["records"][0]

    answer = company.amy.get("/search", query_string={"q": customer["name"][1:4]}).json

    assert {"entity": "customer", "id": customer["id"], "title": customer["title"]} in answer["found"]
    assert company.amy.get("/search").status_code == 400
    assert len(company.amy.get("/search", query_string={"q": "a", "limit": 1}).json["found"]) == 1
