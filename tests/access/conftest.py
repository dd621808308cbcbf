"""A company of four people in two departments, one below the other, and their leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from engine.workspace import Workspace

LEAD = """
entity: lead
title: name
fields:
  name:   {type: text, required: true}
  cost:   {type: money}
  stage:  {type: choice, options: [fresh, won], default: fresh}
  rating: {type: integer}
  rival:  {type: link, to: lead}
  lines:
    type: lines
    fields:
      what: {type: text}
"""
PEOPLE = {"ann": "head office", "ben": "sales", "cat": "sales", "dan": None}


class Company:
    """A published workspace. `roles` are `{name: grants}`; a person's roles are given by `join`."""

    def __init__(self, url: str, roles: Mapping[str, str], more: Mapping[str, str]) -> None:
        files = {"workspace.yaml": "workspace: company\n", "entities/lead.yaml": LEAD}
        for name, grants in roles.items():
            files[f"roles/{name}.yaml"] = f"role: {name}\ngrants:\n  {grants}\n"
        self.workspace = Workspace.open(None, url)
        self.workspace.publish(files | dict(more))
        with self.step(None) as step:
            top = step.records.create("department", {"name": "head office"})
            below = step.records.create("department", {"name": "sales", "parent": top})
            offices = {"head office": top, "sales": below, None: None}
            for login, office in PEOPLE.items():
                values = {"login": login, "name": login.title(), "department": offices[office]}
                step.records.create("user", values)

    @contextmanager
    def step(self, user: str | None) -> Iterator[Any]:
        with self.workspace.step(user) as step:
            yield step

    def join(self, login: str, *roles: str) -> None:
        with self.step(None) as step:
            step.records.update(step.access.user_by_login(login), {"roles": list(roles)})

    def leads_of_everybody(self, **values: object) -> None:
        """One lead for each person, named after them, and one of nobody."""
        with self.step(None) as step:
            for login in PEOPLE:
                lead = step.records.create("lead", {"name": login, **values})
                with step.as_engine():
                    step.records.update(lead, {"owner": step.access.user_by_login(login)})
            step.records.create("lead", {"name": "nobody", **values})

    def seen_by(self, login: str) -> set[str]:
        """The names of the leads that a person sees; in the list, and one by one."""
        with self.step(None) as step:
            everything = [lead.id for lead in step.records.find("lead")]
        with self.step(login) as step:
            listed = {lead["name"] for lead in step.records.list("lead", limit=100).records}
            assert step.records.count("lead") == len(listed)
            opened = {lead["name"] for lead in step.records.get_many("lead", everything) if step.access.can("read", lead)}
        assert listed == opened
        return listed


@pytest.fixture
def company(request, database_url):
    """`company(role="lead: {read: own}")` publishes those roles; `more` are further files."""
    made = []

    def company(more: Mapping[str, str] | None = None, **roles: str) -> Company:
        made.append(Company(database_url, roles, more or {}))
        return made[-1]

    yield company
    for each in made:
        each.workspace.close()
