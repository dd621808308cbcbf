"""Connectors and schedules, from their documents to the model (spec 1.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from dsl.feel import Expression
from dsl.feel.types import ANY, Scope
from dsl.problems import Problem
from engine.model.build_calls import ANSWER, call_time
from engine.model.build_nodes import World
from engine.model.checker import Checker, label
from engine.model.connectors import WITH_BODY, Auth, Connector, Hook, Operation, Schedule
from engine.model.crontab import cron
from engine.model.model import Value
from engine.model.part import Part

NEEDS_SECRET = ("bearer", "basic", "header", "hmac_sha256")


def build_connector(checker: Checker, world: World, part: Part) -> Connector:
    name = part.document.name
    concurrency = part.get("concurrency")
    operations = {key: build_operation(checker, each) for key, each in part.items("operations")}
    hooks = {key: hook for key, each in part.items("hooks") if (hook := build_hook(checker, world, each)) is not None}
    check_url(checker, part, needed=bool(operations or part.get("events")))
    return Connector(
        name,
        label(part.get("label"), name),
        part.string("url").rstrip("/"),
        part.flag("private"),
        int(concurrency.value) if concurrency is not None else None,
        {key: each.written for key, each in part.items("headers")},
        build_auth(checker, part.get("auth")),
        operations,
        hooks,
        part.texts("events"),
    )


def check_url(checker: Checker, part: Part, *, needed: bool) -> None:
    url = part.get("url")
    if url is None:
        if needed:
            checker.report("TW1901", "the connector has no address", part.document.at(("connector",)), "add `url:`")
        return
    try:
        found = urlsplit(str(url.value))
        good = found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:
        good = False
    if not good:
        checker.report("TW1901", f"'{url.value}' is no address", url.at, "write one such as https://shop.example/api")
    elif found.query or found.fragment or "@" in found.netloc:
        message = "an address has neither a user nor a query"
        checker.report("TW1901", message, url.at, "say `auth:` for who calls, and `query:` in an operation")


def build_auth(checker: Checker, part: Part | None) -> Auth:
    if part is None:
        return Auth()
    auth = Auth(part.string("type", "none"), part.string("secret"), part.string("user"), part.string("header"))
    for key, wanted in (("secret", NEEDS_SECRET), ("user", ("basic",)), ("header", ("header",))):
        given = part.get(key)
        if auth.type in wanted and given is None:
            checker.report("TW1902", f"`type: {auth.type}` needs `{key}`", part.at, f"add `{key}:`")
        elif auth.type not in wanted and given is not None:
            checker.report("TW1902", f"`type: {auth.type}` takes no `{key}`", given.key_at, "leave it out")
    return auth


# ---- operations ----


def build_operation(checker: Checker, part: Part) -> Operation:
    """An operation, its texts checked as far as they can be without knowing who calls it."""
    scope = open_scope(checker)
    path, body = part.get("path"), checker.expression(part.get("body"), scope)
    if path is not None and not str(path.value).startswith("/"):
        checker.report("TW1106", "a path begins with '/'", path.at, f'write "/{path.value}"')
    return Operation(
        part.name,
        label(part.get("label"), part.name),
        part.string("method") or ("POST" if body is not None else "GET"),
        checker.pieces(path, scope),
        values(checker, part, "query", scope),
        values(checker, part, "headers", scope),
        body,
        checker.expression(part.get("result"), checker.names.scope(None, ANSWER)),
        call_time(checker, part.get("timeout")),
    )


def values(checker: Checker, part: Part, key: str, scope: Scope) -> dict[str, Value]:
    found = {name: checker.value(each, scope, None, lambda given: given.written) for name, each in part.items(key)}
    return {name: value for name, value in found.items() if value is not None}


def open_scope(checker: Checker) -> Scope:
    return replace(checker.names.scope(None), open=True)


def check_calls(checker: Checker, part: Part) -> None:
    """Each call of an operation gives what its texts name, of types that they can use, and nothing else."""
    for name, operation in part.items("operations"):
        calls = checker.called.get(f"{part.document.name}.{name}", ())
        sends_all = operation.get("body") is None and operation.string("method") in WITH_BODY
        named = {path[0] for expression in texts(Checker(checker.names), operation, open_scope(checker)) for path in expression.paths}
        found: list[Problem] = []
        for call in calls:
            for word in sorted(set() if sends_all else set(call.given) - named):
                message = f"the operation '{name}' does not use '{word}'"
                checker.report("TW1903", message, call.at, "leave it out, or name it in the operation")
            quiet = Checker(checker.names)
            list(texts(quiet, operation, checker.names.scope(None, call.given)))
            for problem in quiet.problems:
                if problem.code == "TW1204":
                    word = problem.at.source.text[problem.at.start : problem.at.end]
                    checker.report("TW1903", f"the operation '{name}' needs '{word}'", call.at, f"give it: with {word} = …")
                else:
                    found.append(problem)
        checker.problems.extend(dict.fromkeys(each for each in found if each not in checker.problems))


def texts(checker: Checker, operation: Part, scope: Scope) -> Iterator[Expression]:
    """An operation's expressions over what its callers give, compiled in a scope."""
    body = checker.expression(operation.get("body"), scope)
    if body is not None:
        yield body
    yield from (each for each in checker.pieces(operation.get("path"), scope) if not isinstance(each, str))
    for key in ("query", "headers"):
        yield from (value.expression for value in values(checker, operation, key, scope).values() if value.expression is not None)


# ---- inbound webhooks ----


def build_hook(checker: Checker, world: World, part: Part) -> Hook | None:
    verify = part.string("verify") or ("hmac_sha256" if part.get("secret") is not None else "")
    if not verify:
        hint = "add `secret:` with a secret's name; `verify: none` takes webhooks from anybody"
        checker.report("TW1902", f"the webhook '{part.name}' does not say how it is verified", part.key_at, hint)
    elif (verify == "none") != (part.get("secret") is None):
        message = "`verify: none` takes no `secret`" if verify == "none" else f"`verify: {verify}` needs `secret`"
        checker.report("TW1902", message, part.key_at)
    scope = checker.names.scope(None, {"payload": ANY})
    do = checker.script(part.get("do"), scope, world.writable(None, {}))
    key = checker.expression(part.get("key"), scope)
    return Hook(part.name, verify, part.string("secret"), key, do) if do is not None else None


# ---- schedules ----


def build_schedule(checker: Checker, world: World, part: Part) -> Schedule:
    name = part.document.name
    process = part.get("process")
    if (process is None) == (part.get("do") is None):
        checker.report("TW1906", "a schedule has one of `do` and `process`", part.document.at(("schedule",)))
    if process is not None:
        known = world.startable.get(process.written)
        if known is None:
            checker.unknown("TW2115", "there is no process", process.written, world.startable, process.at)
        elif known.entity is not None:
            hint = f"write `do:` with a loop over the records: start process {process.written} for …"
            message = f"the process '{process.written}' is for a {known.entity}, and the clock brings none"
            checker.report("TW1906", message, process.at, hint)
    return Schedule(
        name,
        label(part.get("label"), name),
        cron(checker, part.get("cron")),
        checker.script(part.get("do"), checker.names.scope(None), world.writable(None, {})),
        part.string("process"),
    )
