"""What the built front end and the templates promise each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

from admin.assets import hue, initials, node_kinds

ADMIN = Path(__file__).parents[2] / "admin"
TEMPLATES = sorted((ADMIN / "templates").rglob("*.html"))
DIST = ADMIN / "static/dist"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Amy Lin", "AL"), ("林安", "林"), ("欧阳青", "阳"), ("bob", "BO"), ("Mary-Jane van Dyke", "MD"), ("", "–")],
)
def test_people_are_shown_by_initials_or_the_family_part_of_a_chinese_name(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_a_person_always_has_the_same_colour() -> None:
    assert hue("Amy Lin") == hue("Amy Lin")
    assert {hue(str(number)) for number in range(100)} == {1, 2, 3, 4, 5, 6}


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = (DIST / json.loads((DIST / "manifest.json").read_text())["icons.svg"]).read_text()
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = {
        icon
        for template in TEMPLATES
        for icon in re.findall(r"""(?:\bicon\(|icon_name=)["']([a-z0-9-]+)["']""", template.read_text())
    }

    assert named - there == set()


def test_every_icon_of_a_process_is_in_the_sprite() -> None:
    listed = set((ADMIN / "frontend/icons.txt").read_text().split())
    app = Flask("admin")
    Babel(app)

    with app.app_context():
        kinds = node_kinds()

    assert {icon for icon, *_ in kinds.values()} <= listed


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_anything_inline_that_the_content_security_policy_forbids(template: Path) -> None:
    markup = re.sub(r"(?s)\{#.*?#\}", "", template.read_text())

    assert not re.search(r"\sstyle=|<style\b|\son[a-z]+=|hx-on", markup)
    assert not re.search(r"<script(?![^>]*(\bsrc=|application/json))", markup)
