"""`tradewind user`, `token` and `explain-access`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from admin.web import create_app
from engine import Workspace


def status_of(folder: Path, token: str) -> int:
    workspace = Workspace.open(folder)
    try:
        client = create_app(workspace).test_client()
        return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code
    finally:
        workspace.close()


def test_a_person_is_added_with_roles_department_and_manager(cli: Any, folder: Path) -> None:
    words = ["--name", "Zed Zhu", "--email", "zed@harbourpine.example", "--role", "salesperson", "--manager", "bob"]

    done = cli("user", "add", "zed", *words, "-C", folder, input="secret\nsecret\n")
    listed = cli("user", "list", "-C", folder)

    assert (done.exit_code, "added zed" in done.stdout) == (0, True)
    assert "zed\tZed Zhu\tsalesperson\tzed@harbourpine.example" in listed.stdout.splitlines()


def test_a_password_is_asked_for_twice_and_never_shown(cli: Any, folder: Path) -> None:
    done = cli("user", "passwd", "amy", "-C", folder, input="hidden\nhidden\n")
    differs = cli("user", "passwd", "amy", "-C", folder, input="hidden\nhiden\n")

    assert (done.exit_code, differs.exit_code) == (0, 1)
    assert "hidden" not in done.output
    workspace = Workspace.open(folder)
    with workspace.step(None) as step:
        assert step.access.check_password("amy", "hidden") is not None
    workspace.close()


def test_a_token_works_until_it_is_revoked(cli: Any, folder: Path) -> None:
    token = cli("token", "create", "amy", "--name", "shop", "-C", folder).stdout.strip()
    before = status_of(folder, token)

    revoked = cli("token", "revoke", token[:11], "-C", folder)
    again = cli("token", "revoke", token[:11], "-C", folder)

    assert (before, revoked.exit_code, again.exit_code, status_of(folder, token)) == (200, 0, 1, 401)


def test_access_is_explained_role_by_role(cli: Any, folder: Path) -> None:
    all_orders = cli("explain-access", "amy", "sales_order", "-C", folder)
    one = cli("explain-access", "jun", "sales_order", "1", "-C", folder)

    assert "the role salesperson grants own records" in all_orders.stdout
    assert "read: no" in one.stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["user", "add", "amy", "--password", "x"], 1, "There is another User with this Login"),
        (["user", "add", "zed", "--password", "x", "--role", "boss"], 1, "'boss' is none of the options"),
        (["user", "add", "zed", "--password", "x", "--department", "moon"], 1, "there is no department 'moon'"),
        (["user", "add", "zed", "--password", "x", "--manager", "nobody"], 1, "there is no user 'nobody'"),
        (["user", "add", "zed", "--password", ""], 1, "A password is required"),
        (["user", "passwd", "nobody", "--password", "x"], 1, "there is no user 'nobody'"),
        (["token", "create", "nobody"], 1, "there is no user 'nobody'"),
        (["token", "revoke", "tw_12345678"], 1, "no token begins with"),
        (["explain-access", "nobody", "customer"], 1, "there is no user 'nobody'"),
        (["explain-access", "amy", "custmer"], 2, "did you mean 'customer'?"),
        (["explain-access", "amy", "customer", "4711"], 1, "There is no Customer 4711"),
        (["explain-access", "amy", "customer", "0"], 2, "is not in the range"),
    ],
)
def test_what_is_not_there_is_told(cli: Any, folder: Path, words: list[str], code: int, told: str) -> None:
    found = cli(*words, "-C", folder)

    assert (found.exit_code, told in found.output) == (code, True), found.output


def test_a_leaver_hands_over(cli: Any, folder: Path) -> None:
    done = cli("user", "handover", "amy", "jun", "--deactivate", "-C", folder)
    again = cli("user", "handover", "amy", "jun", "-C", folder)
    nobody = cli("user", "handover", "amy", "nobody", "-C", folder)

    assert done.exit_code == 0
    assert "sales_order\t" in done.stdout
    assert again.stdout.splitlines()[-1] == "tasks\t0"
    assert (nobody.exit_code, nobody.stderr) == (1, "error: there is no user 'nobody'\n")
