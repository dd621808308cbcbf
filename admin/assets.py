"""What templates ask of the front end: addresses of the built files, and how people are shown without a photograph."""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

from flask import Flask, url_for
from flask_babel import gettext

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# The family names of two characters that are in use; all others have one.
COMPOUND_FAMILY_NAMES = frozenset(
    {
        "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟",
        "闻人", "夏侯", "诸葛", "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政",
        "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙",
        "宇文", "司徒", "鲜于", "司空", "闾丘", "子车", "亓官", "司寇", "令狐",
        "百里", "呼延", "东郭", "南门",
        "歐陽", "司馬", "東方", "獨孤", "南宮", "聞人", "諸葛", "尉遲", "赫連",
        "公孫", "仲孫", "鍾離", "長孫", "鮮于", "閭丘", "東郭", "南門",
    }
)  # fmt: skip


def install(app: Flask) -> None:
    """Give every template of the application `asset(name)`, `initials(name)`, `hue(text)` and `node_kinds()`."""
    folder = Path(app.static_folder or "static") / "dist"
    try:
        manifest: dict[str, str] = json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        remedy = "python admin/frontend/build.py"
        raise RuntimeError(f"{folder} holds no built front end; run: {remedy}") from None

    def asset(name: str) -> str:
        """The address of a built file, by its source's name: main.js, app.css, icons.svg."""
        return url_for("static", filename=f"dist/{manifest[name]}")

    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000  # the names change with the content
    app.jinja_env.globals.update(asset=asset, initials=initials, hue=hue, node_kinds=node_kinds)


def initials(name: str) -> str:
    """Two letters at most: Amy Lin is AL. A Chinese name gives the last of its family part: 林安 林, 欧阳青 阳."""
    name = name.strip()
    if HAN.match(name):
        return name[1] if name[:2] in COMPOUND_FAMILY_NAMES and len(name) > 2 else name[0]
    words = [word for word in re.split(r"[\s\-_.·]+", name) if word]
    if not words:
        return "–"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def hue(text: str) -> int:
    """A number from 1 to 6, always the same for the same text: which of the soft colours stands behind initials."""
    return zlib.crc32(text.encode()) % 6 + 1


def node_kinds() -> dict[str, tuple[str, str, str, bool]]:
    """How each type of node looks in the picture of a process: icon, colour, plain words, whether it is a pill."""
    return {
        "start": ("player-play", "green", gettext("Start"), True),
        "state": ("hand-click", "blue", gettext("Wait for an action"), False),
        "user_task": ("user-check", "blue", gettext("Task"), False),
        "approval": ("rosette-discount-check", "violet", gettext("Approval"), False),
        "script_task": ("script", "green", gettext("Script"), False),
        "service_task": ("plug-connected", "green", gettext("Call a service"), False),
        "business_rule_task": ("table-options", "green", gettext("Decision table"), False),
        "send_task": ("send", "green", gettext("Send a message"), False),
        "receive_task": ("mail-opened", "green", gettext("Wait for a message"), False),
        "exclusive_gateway": ("arrows-split", "amber", gettext("Condition"), True),
        "parallel_gateway": ("sitemap", "amber", gettext("All at once"), True),
        "inclusive_gateway": ("arrow-fork", "amber", gettext("Some of them"), True),
        "complex_gateway": ("arrow-fork", "amber", gettext("Some of them"), True),
        "event_gateway": ("bolt", "amber", gettext("First event wins"), True),
        "timer_event": ("clock", "green", gettext("Wait for a time"), False),
        "call_activity": ("box-multiple", "grey", gettext("Another process"), False),
        "sub_process": ("section", "grey", gettext("Several steps"), False),
        "throw_event": ("bolt", "green", gettext("Signal"), False),
        "end_event": ("circle-check", "grey", gettext("End"), True),
    }
