"""A real Chromium, and everything that it complains of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright


class Watched:
    """One browser context. `complaints` holds each console error or warning, uncaught exception, failed request and
    dialog of its pages; `hosts` every host that a page asked for anything; `forgiven` a text that a
    complaint may hold, where a test provokes it."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.forgiven: str | None = None
        context.set_default_timeout(20_000)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        context.on("dialog", self._dialog)

    def page(self) -> Page:
        """A new tab."""
        return self.context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not (self.forgiven and self.forgiven in message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page that was left while it loaded
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _dialog(self, dialog: object) -> None:
        self.complaints.append(f"dialog: {dialog}")


@contextlib.contextmanager
def chromium(program: Path, names: Mapping[str, str] | None = None) -> Iterator[Browser]:
    """Start `program` without a window; `names` sends a host and port to where they really are. It may be root here,
    for which Chromium has no sandbox of its own."""
    rules = ",".join(f"MAP {name} {address}" for name, address in (names or {}).items())
    arguments = ["--no-sandbox", *([f"--host-resolver-rules={rules}"] if rules else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(program), args=arguments)
        try:
            yield browser
        finally:
            browser.close()
