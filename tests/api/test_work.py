"""Incidents over HTTP."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert


def failed_mail(company: Any) -> int:
    """A mail that nobody could deliver."""
    with company.workspace.step(None) as step:
        row = {
            "kind": "mail", "key": "mail:1", "status": "incident", "due": step.now, "error": "refused", "created_at": step.now,
            "payload": {"template": "order_approved", "to": "a@example.com", "subject": "x", "body": "x"}, "attempts": 8,
        }  # fmt: skip
        table = step.schema.job
        return int(step.connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one())


def test_admins_see_incidents_and_have_them_done_again(company: Any) -> None:
    number = failed_mail(company)
    (found,) = company.tom.get("/incidents").json
    assert (found["id"], found["what"], found["error"], found["attempts"]) == (number, "order_approved: a@example.com", "refused", 8)

    assert company.tom.post(f"/incidents/{number}/retry").json == {"id": number}
    assert company.tom.get("/incidents").json == []
    again = company.tom.post(f"/incidents/{number}/retry")
    assert (again.status_code, again.json["code"]) == (404, "not_found")


def test_admins_skip_incidents(company: Any) -> None:
    number = failed_mail(company)
    assert company.tom.post(f"/incidents/{number}/skip").status_code == 200
    with company.workspace.step(None, readonly=True) as step:
        assert step.connection.execute(step.schema.job.select().where(step.schema.job.c.id == number)).first() is None


def test_nobody_else_may(company: Any) -> None:
    number = failed_mail(company)
    for answer in (company.amy.get("/incidents"), company.amy.post(f"/incidents/{number}/skip"), company.amy.post("/instances/1/retry")):
        assert answer.status_code in (403, 404)
    assert company.client.get("/api/v1/incidents").status_code == 401
