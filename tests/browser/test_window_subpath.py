"""The window behind nginx, set up as docs/serving.md says: at the root and under a path of its own, with a log-in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake import FakeAssistant
from nginx import documented, needs_nginx, proxied
from playwright.sync_api import Page, expect
from windows import ask, serving


@needs_nginx
@pytest.mark.parametrize("path", ["/", "/archive/"])
def test_behind_nginx_everything_is_found(path: str, new_page: Callable[..., Page], tmp_path: Path) -> None:
    own = contextmanager(serving)(FakeAssistant(), auth="anna:secret", root_path=path.rstrip("/"))
    with own as served, proxied(served.address, documented(path), tmp_path) as address:
        page = new_page(f"{address}{path}")
        lost: list[str] = []
        page.on("response", lambda response: lost.append(response.url) if response.status == 404 else None)
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password").fill("secret")
        page.get_by_role("button", name="Log in").click()
        ask(page, "When will the harbour bridge close?")
        expect(page.locator("#last .chip").first).to_be_visible()
        assert page.url.startswith(f"{address}{path}")
        page.reload()
        expect(page.locator(".turn").first).to_be_visible()
        assert not [url for url in lost if "favicon" not in url]
        growing = page.locator("#last .answer")
        ask(page, "slow harbour bridge", state="running")  # what streams is not held back until it is whole
        expect(growing).to_contain_text("word3 ")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#last .stopped")).to_be_visible()
