"""The pages in a real Chromium, served by a real `broker serve` over a real PostgreSQL."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from broker.store.database import open_database
from tests.broker.served import Served
from tests.broker.stores import fresh_url
from tests.broker.web.browser import Watched, chromium
from tests.broker.web.sample import Sample, story
from tests.servers.process import spare_port

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
expect.set_options(timeout=20_000)  # a machine that is busy with other tests is slow, not wrong

TASK = """name = "work"
description = "For the test."
environment = "development"
deadline = 600
launchers = ["jwt:*"]
[grants.identity]
source = "identity"
scope = { audience = "a" }
ttl = 60
"""
HOSTILE = """<script>document.title='owned'</script>"><img src=x onerror="document.title='owned'">\u202egpj.exe"""


class Stage:
    """The running broker, its browser, and the incident in its record."""

    def __init__(self, served: Served, browser: Browser, store: str, incident: str, hostile: str) -> None:
        self.served, self.browser, self.store = served, browser, store
        self.incident, self.hostile = incident, hostile

    def link(self) -> str:
        """What `broker activity` prints for the operator."""
        token = self.served.folder / "olga.token"
        token.write_text(self.served.token("olga").reveal())
        token.chmod(0o600)
        argv = [sys.executable, "-m", "broker", "activity", "--broker", f"unix:{self.served.socket}"]
        argv += ["--token-file", str(token)]
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


@pytest.fixture(scope="module")
def stage(
    part: Callable[[str], Path], request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """One of all of it for the module's tests."""
    program, folder = part("chromium"), tmp_path_factory.mktemp("serve")
    store = fresh_url("postgresql", folder, request)
    database = open_database(store)
    sample = Sample(str(folder), database, now=time.time() - 8 * 3600)
    incident = story(sample)
    hostile = sample.start(HOSTILE)
    sample.command(hostile, HOSTILE, 1, event="guard:command:denied", command=HOSTILE, path="x" * 5000)
    database.close()
    served = Served(folder, store, {"work": TASK})
    config = served.config.read_text()
    served.config.write_text(config.replace("[server]\n", f'[server]\nlisten = "127.0.0.1:{spare_port()}"\n'))
    with served.running(), chromium(program) as browser:
        yield Stage(served, browser, store, incident.id, hostile.id)


@pytest.fixture
def watched(stage: Stage) -> Iterator[Watched]:
    """A browser of its own for each test, which at the end has complained of nothing and asked nobody else."""
    context = stage.browser.new_context()
    made = Watched(context)
    yield made
    context.close()
    assert made.complaints == []
    assert len(made.hosts) <= 1


@pytest.fixture
def page(stage: Stage, watched: Watched) -> Page:
    """A tab that the printed link has signed in."""
    return signed_in(stage, watched)


def signed_in(stage: Stage, watched: Watched) -> Page:
    """Open a fresh link."""
    tab = watched.page()
    tab.goto(stage.link())
    expect(tab.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    tab.wait_for_load_state()  # htmx is there
    return tab


def purposes(page: Page) -> list[str]:
    """The runs that are listed."""
    return [one.strip() for one in page.locator("#results td[data-name=Run] a").all_inner_texts()]


def test_the_link_signs_in_and_leaves_no_code_behind(page: Page, stage: Stage) -> None:
    """After it the address holds no code, nor does the page before it in the history; scripts cannot see the session;
    no page is kept in the browser's storage."""
    assert "#" not in page.url
    assert page.url.endswith("/activity")
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("Object.keys(localStorage).length") == 0
    page.go_back()
    assert "#" not in page.url
    cookies = page.context.cookies()
    assert [(one["httpOnly"], one["sameSite"]) for one in cookies] == [(True, "Strict")]
    assert stage.served.log() == "" or "login#" not in stage.served.log()


def test_a_search_swaps_the_results_in_place(page: Page) -> None:
    """Typing narrows the list without loading the page anew; the address can be shared, the count is announced, and
    going back shows what was there before."""
    page.evaluate("window.mark = 1")
    page.get_by_label("Search").fill("orders table")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page.get_by_role("status").first).to_have_text("1 run.")
    assert page.evaluate("window.mark") == 1
    assert "text=orders+table" in page.url or "text=orders%20table" in page.url
    page.get_by_label("Search").fill("no such thing")
    expect(page.get_by_text("Nothing in the record fits all of this.")).to_be_visible()
    expect(page.get_by_role("status").first).to_have_text("No run fits.")


def test_filters_and_one_run(page: Page, stage: Stage) -> None:
    """State, environment and attention narrow the list at once; the run opens as its story, each step with its
    record, and the record with its proof."""
    everything = page.locator("#results tbody tr").count()
    page.get_by_label("needs attention").check()
    expect(page.locator("#results tbody tr:not(.marked)")).to_have_count(0)
    assert 0 < page.locator("#results tbody tr").count() < everything
    page.get_by_label("State").select_option("killed")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.get_by_label("Environment").select_option("staging")
    expect(page).to_have_url(re.compile("environment=staging"))
    page.get_by_role("link", name="migrate the orders table on staging").click()
    expect(page.get_by_role("heading", name="Look here: 3")).to_be_visible()
    assert page.url.endswith(f"/activity/runs/{stage.incident}")
    expect(page.locator(".story .claim")).to_have_text(["claimed by the sandbox"])
    page.locator(".story .leaf", has_text="leaf").first.click()
    expect(page.get_by_role("heading", name="broker:task:created")).to_be_visible()
    with page.expect_download() as proof:
        page.get_by_role("link", name="its inclusion proof").click()
    assert proof.value.path().read_text().startswith("c2sp.org/tlog-proof@v1\n")


def test_a_search_is_for_the_text_itself(page: Page) -> None:
    """PostgreSQL's wildcards, escapes and quotes are looked for like any other text."""
    for text in ("%", "100%", "\\", "' OR 1=1 --", "orders\\_table", "ordersXtable"):
        page.get_by_label("Search").fill(text)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nothing in the record fits all of this.")).to_be_visible()
        page.get_by_role("link", name="Clear").click()
        expect(page.locator("#results tbody tr").first).to_be_visible()
        page.wait_for_load_state()  # htmx is there
    page.get_by_label("Search").fill("ORDERS TABLE")
    expect(page.locator("#results tbody tr")).to_have_count(1)


def test_everything_works_without_javascript(stage: Stage) -> None:
    """The code is pasted by hand, forms and links do the rest."""
    context = stage.browser.new_context(java_script_enabled=False)
    made = Watched(context)
    tab, (address, _, code) = made.page(), stage.link().partition("#")
    tab.goto(address)
    tab.get_by_label("One-time code").fill(code)
    tab.get_by_role("button", name="Open").click()
    tab.get_by_label("Search").fill("paste.example.net")
    tab.get_by_role("button", name="Search").click()
    assert purposes(tab) == ["migrate the orders table on staging"]
    tab.get_by_role("link", name="migrate the orders table").click()
    expect(tab.get_by_role("heading", name="In order")).to_be_visible()
    context.close()
    assert made.complaints == []


def test_hostile_texts_run_nothing(page: Page, stage: Stage) -> None:
    """Markup in a purpose, a command and a report is text on every page that shows it, and turns no text around."""
    for path in ("", f"/runs/{stage.hostile}", "/record"):
        page.goto(page.evaluate("location.origin") + f"/activity{path}")
        expect(page.get_by_text("<script>document.title").first).to_be_visible()
        assert page.title() != "owned"
        assert page.locator("main img, main script").count() == 0
        assert "\\u202egpj.exe" in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


INTRUSION = """() => new Promise((done) => {
    const refused = new Set();
    document.addEventListener('securitypolicyviolation', (event) => {
        refused.add(event.effectiveDirective);
        if (refused.size === 4) done([...refused].sort());
    });
    const add = (name, more) => document.body.append(Object.assign(document.createElement(name), more));
    add('script', {textContent: "document.title = 'owned'"});
    add('div', {innerHTML: '<b onclick="1">'});
    add('img', {src: 'https://elsewhere.example/x.png'});
    add('iframe', {src: '/activity'});
})"""
"""What markup that got into a page would try; the directives that refused it."""


def test_the_policy_of_the_page_is_in_force(page: Page, watched: Watched) -> None:
    """Even markup that got in would run nothing, load nothing from elsewhere and frame nothing."""
    watched.forgiven = "Content Security Policy"
    assert page.evaluate(INTRUSION) == ["frame-src", "img-src", "script-src-attr", "script-src-elem"]
    assert page.title() == "Runs · broker activity"
    watched.complaints = [one for one in watched.complaints if "csp" not in one]
    watched.hosts.discard("elsewhere.example")


def test_the_keyboard_is_enough(page: Page) -> None:
    """Tab reaches the skip link, the pages, the badge and the search, in this order, each with a visible focus; Enter
    searches and opens a run."""
    seen = []
    for _ in range(6):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "[document.activeElement.textContent.trim().split(/\\s+/)[0] || document.activeElement.id,"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert focused[1] == "solid"
        seen.append(focused[0])
    assert seen[:4] == ["Skip", "Runs", "Record", "Integrity"]
    assert seen[5] == "text"
    page.keyboard.type("orders table")
    page.keyboard.press("Enter")
    expect(page.locator("#results tbody tr")).to_have_count(1)
    page.locator("#results a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="In order")).to_be_visible()


def test_results_that_come_anew_leave_the_focus_where_it_is(page: Page) -> None:
    """Typing and Enter each search: the later answer must not throw a keyboard's user back to the top."""
    page.locator("#results a").first.focus()
    before = page.evaluate("document.activeElement.getAttribute('href')")
    page.evaluate("document.activeElement.dataset.old = '1'")
    page.evaluate("htmx.trigger('form.filter', 'submit')")
    anew = "Boolean(document.activeElement.href) && !document.activeElement.dataset.old"
    deadline = time.monotonic() + 15
    while not page.evaluate(anew):  # the page's policy forbids the driver's own waiting, which evaluates in the page
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
    assert page.evaluate("document.activeElement.getAttribute('href')") == before


def test_a_screen_reader_finds_its_way(page: Page) -> None:
    """Landmarks, labels and table headers are there by role."""
    for role in ("banner", "navigation", "main", "contentinfo", "search"):
        expect(page.get_by_role(role).first).to_be_attached()
    headers = page.get_by_role("columnheader").all_inner_texts()
    assert headers == ["Started", "Run", "Policy", "Asked by", "State", "Leases", "Approvals", "Attention"]
    unnamed = "[...document.querySelectorAll('input, select, button')].filter(e => !e.labels?.length && !e.textContent)"
    assert page.evaluate(f"{unnamed}.length") == 0
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.get_by_role("row").count() > 1  # narrow, it is laid out otherwise and still a table
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_who_is_signed_out_is_told_at_once(page: Page, watched: Watched) -> None:
    """A page that is brought up to date after the session's end becomes the login, instead of standing still."""
    watched.forgiven = "401"
    page.context.clear_cookies()
    page.get_by_label("State").select_option("killed")
    expect(page.get_by_label("One-time code")).to_be_visible()


def test_another_name_for_this_machine_is_refused(stage: Stage, page: Page, watched: Watched) -> None:
    """By 127.0.0.1, or by a name that a stranger points here, there is no page."""
    host, port = page.url.split("/")[2].split(":")
    watched.forgiven = "Failed to load resource"
    for name in ("127.0.0.1", "rebound.localhost"):
        answer = watched.page().goto(f"http://{name}:{port}/activity")
        assert answer is not None
        assert answer.status == 421
    watched.hosts &= {f"{host}:{port}"}


def test_an_edited_row_turns_the_badge(stage: Stage, page: Page) -> None:
    """Whoever owns the database changes a record; the open page shows it by itself, and the integrity page says which
    entry it was. Last of this file: the record stays tampered with."""
    expect(page.locator("#badge strong")).to_have_text("intact")
    with psycopg.connect(stage.store.replace("+psycopg", "")) as link:
        link.execute("ALTER TABLE events DISABLE TRIGGER ALL")
        changed = "UPDATE events SET payload = replace(payload, 'paste.example.net', 'docs.example.net')"
        assert link.execute(f"{changed} WHERE payload LIKE '%paste.example.net%'").rowcount == 1
        link.execute("ALTER TABLE events ENABLE TRIGGER ALL")
    expect(page.locator("#badge strong")).to_have_text("tampered", timeout=90_000)
    page.locator("#badge").click()
    expect(page.get_by_role("heading", name="tampered")).to_be_visible()
    expect(page.locator(".verdict .alarm").first).to_contain_text("edited: entry")
