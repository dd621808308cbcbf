"""A live server over the trading example, and people with browsers in front of it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import waitress
from playwright.sync_api import Browser, Page, expect, sync_playwright

from admin.web import create_app
from engine import publishing
from engine.model import load_folder
from engine.workspace import Workspace

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "harbour & pine"
WIDTHS = {"desktop": 1280, "phone": 390}


@dataclass(frozen=True)
class Site:
    """A served workspace: its address, and the workspace behind it."""

    url: str
    workspace: Workspace


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the trading example, published once; each site works on a copy."""
    folder = tmp_path_factory.mktemp("trading") / "workspace"
    shutil.copytree(ROOT / "examples/trading", folder)
    workspace = Workspace.open(folder)
    outcome = publishing.publish(workspace, load_folder(folder), message="First")
    assert outcome.accepted, outcome.summary
    with workspace.step(None) as step:
        for user in step.records.find("user", "active"):
            step.access.set_password(user, PASSWORD)
    workspace.close()
    return folder


@pytest.fixture(scope="module")
def site(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The workspace served by waitress in a thread."""
    folder = tmp_path_factory.mktemp("site") / "workspace"
    shutil.copytree(published, folder)
    workspace = Workspace.open(folder)
    server: Any = waitress.create_server(create_app(workspace), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.effective_port}", workspace)
    server.close()
    workspace.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=20_000)  # publishing runs the scenario tests
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


LogIn = Callable[..., Page]


@pytest.fixture
def log_in(browser: Browser, site: Site) -> Iterator[LogIn]:
    """Open a browser for a person and log in: log_in("amy", width=390, locale="zh-CN"). Errors of scripts fail the test."""
    contexts = []
    errors: list[str] = []

    def open_page(login: str, *, width: int = 1280, locale: str = "en-GB", dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 850}, locale=locale, color_scheme="dark" if dark else "light", base_url=site.url
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto("/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{site.url}/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
