"""A real browser for tests: `browser_package.py` says where it is from, `browser_visit.py` what is seen of a page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import browser_package
import pytest
from browser_visit import TIMEOUT_MS, Visit, visit_page
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
"""A test's page is our own, and tests may run as root, where Chromium's sandbox does not start."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of the browser tests may have to install it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(browser_package.INSTALL_TIMEOUT_S))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One headless Chromium for a file of tests; each visit has cookies, cache and media settings of its own.

    Not for the whole session: Playwright's event loop would run on under tests that start one of their own.
    """
    chromium = browser_package.chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium.executable,
            env={**os.environ, **chromium.environment},
            args=ARGUMENTS,
            timeout=TIMEOUT_MS,
        )
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a page: `visit(url, color_scheme="dark", viewport={"width": 400, "height": 800})`; closed with the test."""
    contexts = []

    def open_page(url: str, **settings: Any) -> Visit:
        context = browser.new_context(**settings)
        contexts.append(context)
        return visit_page(context, url)

    yield open_page
    for context in contexts:
        context.close()
