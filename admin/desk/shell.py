"""What every page shows around its content: places, navigation, the person."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext

from admin.web import reader_locale
from engine.model.model import Entity
from engine.reports import may_see
from engine.workspace import Step

# Icons for what businesses commonly keep, by words in the entity's name; an entity's own `icon` comes first.
ICONS = (
    ("lead", "antenna-bars-5"), ("opportunity", "target-arrow"), ("customer", "building"), ("contact", "user-circle"),
    ("activity", "phone-call"), ("quotation", "file-text"), ("purchase", "clipboard-list"), ("order", "shopping-cart"),
    ("supplier", "building-factory-2"), ("warehouse", "building-warehouse"), ("category", "list-details"),
    ("product", "package"), ("move", "truck-delivery"), ("stock", "packages"), ("invoice", "file-invoice"),
    ("payment", "credit-card"), ("unit", "hash"), ("user", "users"), ("department", "sitemap"), ("ticket", "message"),
    ("request", "clipboard-list"), ("project", "briefcase"), ("task", "list-check"), ("contract", "file-text"),
)  # fmt: skip
PEOPLE = ("user", "department")


def icon_of(entity: Entity) -> str:
    return entity.icon or next((icon for word, icon in ICONS if word in entity.name), "file-text")


def shell(step: Step, place: str) -> dict[str, Any]:
    """The context that base.html documents."""
    language = reader_locale()
    settings = step.model.settings
    admin = "admin" in step.access.roles
    todo = step.tasks.count_todo()
    home = nav_item(gettext("Home"), url_for("desk.home"), "home", key="g h")
    inbox = nav_item(gettext("Inbox"), url_for("desk.inbox"), "inbox", key="g i", count=todo, hot=True)
    places = [{"label": gettext("Desk"), "url": url_for("desk.home"), "active": place == "desk"}]
    if admin:
        places.append({"label": gettext("Studio"), "url": url_for("studio.overview"), "active": place == "studio"})
        places.append({"label": gettext("Operate"), "url": url_for("operate.home"), "active": place == "operate"})
    user = step.user
    return {
        "workspace": settings.label.in_(language) or settings.name,
        "home": url_for("desk.home"),
        "search": url_for("desk.search_all"),
        "places": places,
        "nav": studio_nav(step, language) if place == "studio" else desk_nav(step, language, home, inbox),
        "tabs": [home, inbox, *worked_on(step, language)[:2]],
        "person": {"name": user.title() if user is not None else "", "subtitle": roles_in_words(step, language)},
        "account": [],
        "logout": url_for("desk.log_out"),
        "locale": language,
        "locale_url": url_for("desk.language"),
    }


def desk_nav(step: Step, language: str, *first: dict[str, Any]) -> list[dict[str, Any]]:
    """Home and inbox, what may be looked at, and the entities by module."""
    groups = entity_groups(step, language, "admin" in step.access.roles)
    return [{"label": "", "items": list(first)}, *reading(step, language), *groups]


def reading(step: Step, language: str) -> list[dict[str, Any]]:
    """Dashboards and reports that this person may see."""
    model = step.model
    items = [
        nav_item(each.label.in_(language), url_for("desk.dashboard", name=each.name), "layout-dashboard")
        for each in model.dashboards.values()
        if may_see(step, each)
    ]
    items += [
        nav_item(each.label.in_(language), url_for("desk.report", name=each.name), "report-analytics")
        for each in model.reports.values()
        if may_see(step, each)
    ]
    return [{"label": gettext("Reports"), "items": items}] if items else []


def nav_item(label: str, url: str, icon: str, *, count: int = 0, hot: bool = False, key: str = "") -> dict[str, Any]:
    return {"label": label, "url": url, "icon": icon, "count": count, "hot": hot, "key": key, "active": is_here(url)}


def is_here(url: str) -> bool:
    """Whether the page is at this address, or below it."""
    here = request.path
    return here == url or (url not in ("/", "/studio/") and here.startswith(url + "/"))


def entity_groups(step: Step, language: str, admin: bool) -> list[dict[str, Any]]:
    """The entities that this person may read, by the module that they come from."""
    model = step.model
    groups: dict[str, list[dict[str, Any]]] = {}
    for entity in model.entities.values():
        people = entity.name in PEOPLE
        if entity.parent is not None or (people and not admin) or not step.access.can("read", entity.name):
            continue
        module = model.modules.get(entity.module)
        label = module.label.in_(language) if module is not None else model.settings.label.in_(language)
        item = nav_item(entity.label.in_(language), url_for("desk.records", name=entity.name), icon_of(entity))
        groups.setdefault(gettext("People") if people else label, []).append(item)
    people_items = groups.pop(gettext("People"), None)
    found = [{"label": label, "items": items} for label, items in groups.items()]
    return found + ([{"label": gettext("People"), "items": people_items}] if people_items else [])


def worked_on(step: Step, language: str) -> list[dict[str, Any]]:
    """The entities that processes move, the last module's first: what people open most."""
    found = [
        nav_item(e.label.in_(language), url_for("desk.records", name=e.name), icon_of(e))
        for e in step.model.entities.values()
        if e.parent is None and step.model.lifecycle_of(e.name) is not None and step.access.can("read", e.name)
    ]
    return found[::-1]


def studio_nav(step: Step, language: str) -> list[dict[str, Any]]:
    model = step.model
    entities = [
        nav_item(e.label.in_(language), url_for("studio.entity", name=e.name), icon_of(e))
        for e in model.entities.values()
        if e.parent is None
    ]
    processes = [
        nav_item(p.label.in_(language), url_for("studio.process", name=p.name), "sitemap") for p in model.processes.values()
    ]
    top = [
        nav_item(gettext("Overview"), url_for("studio.overview"), "layout-dashboard"),
        nav_item(gettext("Publish"), url_for("studio.review"), "git-compare"),
        nav_item(gettext("Revisions"), url_for("studio.revisions"), "history"),
    ]
    return [
        {"label": "", "items": top},
        {"label": gettext("Entities"), "items": entities},
        {"label": gettext("Processes"), "items": processes},
    ]


def roles_in_words(step: Step, language: str) -> str:
    """The person's roles, by their labels."""
    words = []
    for name in sorted(step.access.roles):
        role = step.model.roles.get(name)
        words.append(gettext("Administrator") if name == "admin" else role.label.in_(language) if role is not None else name)
    return ", ".join(words)
