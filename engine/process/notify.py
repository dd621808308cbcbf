"""Messages to people: templates rendered in the receiver's language, delivered in the app, and by mail where the template says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from dsl import feel
from dsl.feel import Expression
from engine.connect import mail
from engine.errors import StepFailed
from engine.model.model import Template
from engine.process import outbox
from engine.process.people import people
from engine.records import Record

if TYPE_CHECKING:
    from engine.workspace import Step


def notify(step: Step, users: Sequence[object], template: str, scope: Any, record: Record | None) -> None:
    """Write a message for each active user. `scope` is what the template's expressions see; `record` is what the
    message is about.
    """
    found = _template(step, template)
    by_mail = "email" in found.channels and mail.is_set_up()
    rendered: dict[str, tuple[str, str]] = {}
    rows = []
    for user in people(list(users)):
        locale = user["locale"] or step.model.settings.locale
        if locale not in rendered:
            rendered[locale] = (_render(step, found.subject, locale, scope), _render(step, found.body, locale, scope))
        subject, body = rendered[locale]
        rows.append(
            {
                "user": user.id,
                "template": template,
                "subject": subject,
                "body": body,
                "entity": record.entity.name if record is not None else None,
                "record": record.id if record is not None else None,
                "created_at": step.now,
            }
        )
        if by_mail and user["email"]:
            outbox.mail(step, template, user["email"], subject, body, record, person=True)
    if rows:
        step.connection.execute(insert(step.schema.notification), rows)


def send(step: Step, addresses: Sequence[str], template: str, scope: Any, record: Record | None) -> None:
    """Write a mail to each address, in the workspace's language."""
    found, locale = _template(step, template), step.model.settings.locale
    subject, body = _render(step, found.subject, locale, scope), _render(step, found.body, locale, scope)
    for address in addresses:
        outbox.mail(step, template, address, subject, body, record)


def _template(step: Step, name: str) -> Template:
    found = step.model.templates.get(name)
    if found is None:
        raise StepFailed("There is no template '{name}'", name=name)
    return found


def _render(step: Step, texts: Mapping[str, Expression], locale: str, scope: Any) -> str:
    """The text in the reader's language, else the workspace's, else any."""
    for key in (locale, locale.split("_")[0].split("-")[0], "", step.model.settings.locale, "en", *texts):
        if key in texts:
            return feel.to_text(texts[key](scope, step.host)) or ""
    return ""
