"""`tradewind user`, `token` and `explain-access`: people, their credentials, and what they may do."""

from __future__ import annotations

from typing import Any

import click

from admin.cli.main import ID, PROBLEMS, database_option, fail, folder_option, known_entity, opened, root
from engine.handing_over import hand_over


def person(step: Any, login: str) -> Any:
    """The user of that login; ends the command if there is none."""
    found = step.access.user_by_login(login)
    if found is None:
        fail(f"there is no user '{login}'", PROBLEMS)
    return found


@root.group()
def user() -> None:
    """People who may log in."""


@user.command("add")
@click.argument("login")
@click.option("--name", help="Full name (default: the login).")
@click.option("--email")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="May be given several times.")
@click.option("--department", metavar="NAME")
@click.option("--manager", metavar="LOGIN")
@click.password_option("--password", help="Asked for when it is not given.")
@folder_option
@database_option
@opened
def add(
    workspace: Any, login: str, name: str | None, email: str | None, roles: tuple[str, ...], department: str | None,
    manager: str | None, password: str,
) -> None:  # fmt: skip
    """Add a person."""
    with workspace.step(None) as step:
        values: dict[str, Any] = {"login": login, "name": name or login, "email": email, "roles": list(roles)}
        if department:
            found = step.records.find("department", "name = wanted", {"wanted": department})
            if not found:
                fail(f"there is no department '{department}'", PROBLEMS)
            values["department"] = found[0]
        if manager:
            values["manager"] = person(step, manager)
        created = step.records.create("user", values)
        step.access.set_password(created, password)
    click.echo(f"added {login}")


@user.command("passwd")
@click.argument("login")
@click.password_option("--password", help="Asked for when it is not given.")
@folder_option
@database_option
@opened
def passwd(workspace: Any, login: str, password: str) -> None:
    """Set a person's password."""
    with workspace.step(None) as step:
        step.access.set_password(person(step, login), password)
    click.echo(f"password of {login} set")


@user.command("list")
@folder_option
@database_option
@opened
def list_users(workspace: Any) -> None:
    """List people with their roles."""
    with workspace.step(None, readonly=True) as step:
        for found in step.records.find("user", None):
            click.echo("\t".join([found["login"], found["name"], ",".join(found["roles"]), found["email"] or ""]).rstrip())


@user.command("handover")
@click.argument("login")
@click.argument("successor")
@click.option("--deactivate", is_flag=True, help="LOGIN can't log in any more.")
@folder_option
@database_option
@opened
def handover(workspace: Any, login: str, successor: str, deactivate: bool) -> None:
    """Give all that LOGIN owns, and their open tasks, to SUCCESSOR."""
    with workspace.step(None, origin="cli") as step:
        leaver = person(step, login)
        done = hand_over(step, leaver, person(step, successor))
        if deactivate:
            step.records.update(leaver, {"active": False})
    for entity, count in done.records.items():
        click.echo(f"{entity}\t{count}")
    click.echo(f"tasks\t{done.tasks}")
    if done.left:
        click.echo(f"{done.left} approvals stay with {login}: {successor} votes in them already", err=True)


@root.group()
def token() -> None:
    """Bearer tokens for the HTTP API."""


@token.command("create")
@click.argument("login")
@click.option("--name", default="cli", show_default=True, help="What the token is for.")
@folder_option
@database_option
@opened
def create_token(workspace: Any, login: str, name: str) -> None:
    """Make a token for a person and print it; it cannot be shown again."""
    with workspace.step(None) as step:
        secret = step.access.create_token(person(step, login), name)
    click.echo(secret)


@token.command("revoke")
@click.argument("prefix")
@folder_option
@database_option
@opened
def revoke_token(workspace: Any, prefix: str) -> None:
    """Revoke the token that begins with PREFIX."""
    with workspace.step(None) as step:
        if not step.access.revoke_token(prefix):
            fail(f"no token begins with '{prefix}'", PROBLEMS)
    click.echo("revoked")


@root.command("explain-access")
@click.argument("login", metavar="USER")
@click.argument("entity")
@click.argument("record_id", metavar="[ID]", type=ID, required=False)
@folder_option
@database_option
@opened
def explain_access(workspace: Any, login: str, entity: str, record_id: int | None) -> None:
    """Say what USER may do to the records of ENTITY, or to one record, and why."""
    known_entity(workspace, entity)
    with workspace.step(None, readonly=True) as step:
        record = step.records.get(entity, record_id) if record_id is not None else None
        for line in step.access.explain(person(step, login), entity, record):
            click.echo(line)
