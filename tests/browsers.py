"""A real Chromium for the journeys: agents and customers as people with pages of their own."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from handoffs import addresses
from handoffs.models import Agent, Conversation
from tests.servers import Site

# Milliseconds: on a busy machine what a worker does may take longer than is usual.
expect.set_options(timeout=60_000)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


def chromium() -> str | None:
    """A Chromium of the machine; None for the one Playwright downloaded."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, in which Django would refuse its own plain queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def person_at(browser: Browser, site: Site) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser of somebody's own; what a page logs as an error fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_browser(**options: Any) -> BrowserContext:
        context = browser.new_context(base_url=site.url, **{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(60_000)
        context.on("weberror", lambda error: errors.append(error.error.stack or str(error.error)))
        contexts.append(context)
        return context

    yield open_browser
    for context in contexts:
        context.close()
    assert not errors, f"errors on the pages: {errors}"


@pytest.fixture
def agent_page(person_at: Callable[..., BrowserContext], site: Site) -> Callable[..., Page]:
    """A page of a signed-in agent: agent_page(ann, "/queue/")."""

    def open_page(agent: Agent, path: str = "/queue/", **options: Any) -> Page:
        client = Client()
        client.force_login(agent)
        context = person_at(**options)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
        page = context.new_page()
        page.goto(path)
        return page

    return open_page


@pytest.fixture
def customer_page(person_at: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """The page of a conversation's customer, on a phone."""

    def open_page(conversation: Conversation, **options: Any) -> Page:
        page = person_at(**{"viewport": {"width": 390, "height": 844}, **options}).new_page()
        page.goto(f"/c/{addresses.token(conversation.pk)}/")
        return page

    return open_page
