"""Every link of the documentation leads somewhere, and every page can be found."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.docs.pages import ROOT, anchors, links, pages


@pytest.mark.parametrize("page", pages())
def test_links_lead_to_files_and_headings_that_are_there(page: str) -> None:
    broken = []
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (ROOT / page).parent / parts.path if parts.path else ROOT / page
        if not target.exists() or (parts.fragment and parts.fragment not in anchors(target.resolve().relative_to(ROOT).as_posix())):
            broken.append(link)

    assert broken == []


def test_the_index_leads_to_every_page() -> None:
    linked = {((ROOT / "docs") / link).resolve() for link in links("docs/README.md")}

    missing = [page for page in pages() if page.startswith("docs/") and page != "docs/README.md" and ROOT / page not in linked]
    assert missing == []
