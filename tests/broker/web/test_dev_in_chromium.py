"""`broker dev`, opened by the link that it prints, with the sessions of the user's own guard beside its record."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from secretguard.audit.journal import Journal
from tests.broker.web.browser import Watched, chromium
from tests.servers.process import spare_port, stop, wait_until

pytestmark = pytest.mark.slow


def test_the_link_of_broker_dev_shows_the_guards_sessions(part: Callable[[str], Path], tmp_path: Path) -> None:
    """From the printed link to one session of the guard, and to the record that says who opened the pages."""
    program, home, log = part("chromium"), tmp_path / "home", tmp_path / "log"
    journal = Journal(str(home / "state" / "audit"))
    said = {"session_id": "s-1", "client": "claude-code", "tool": "Bash", "tool_use_id": "c1", "command": "env"}
    journal.append("guard:command:denied", {**said, "rule": "reveal", "outcome": "did not leave"})
    argv = [sys.executable, "-X", "dev", "-m", "broker", "dev", "--state", str(tmp_path / "state")]
    argv += ["--listen", f"127.0.0.1:{spare_port()}"]
    with log.open("wb") as output:
        environment = {**os.environ, "SECRETGUARD_HOME": str(home)}
        process = subprocess.Popen(argv, env=environment, stdout=output, stderr=output)
    try:
        wait_until((tmp_path / "state" / "launch.sock").exists, process, 60, "broker dev")
        printed = re.search(r"^activity (http://\S+)$", log.read_text(), re.MULTILINE)
        assert printed, log.read_text()
        with chromium(program) as browser:
            watched = Watched(browser.new_context())
            page = watched.page()
            page.goto(printed[1])
            expect(page.get_by_text("No agent has run yet.")).to_be_visible()
            page.get_by_role("link", name="Guard journals").click()
            expect(page.get_by_text("self-consistent, unanchored")).to_be_visible()
            page.get_by_role("link", name="s-1").click()
            expect(page.locator(".story li")).to_contain_text(re.compile("denied.*env"))
            page.get_by_role("link", name="Record", exact=True).click()
            expect(page.get_by_text(f"unix:{os.geteuid()}").first).to_be_visible()
            assert watched.complaints == []
    finally:
        stop(process, 15)
    assert printed[1].partition("#")[2] not in log.read_text().replace(printed[0], "")
