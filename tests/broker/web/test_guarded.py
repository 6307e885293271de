"""The gate before every page, and what every answer carries."""

from __future__ import annotations

import pytest

from broker.web.guarded import HEADERS
from broker.web.static_files import FILES
from tests.broker.web.site import ORIGIN, Site

PRIVATE = ["", "/runs/task-1", "/record", "/record/1", "/record/1/raw", "/record/1/proof", "/integrity", "/badge"]
PRIVATE += ["/journals", "/journals/session?session=x", "/", "/none", "/login/more", "/static"]


@pytest.mark.parametrize("path", PRIVATE)
def test_nobody_reads_without_a_session(site: Site, path: str) -> None:
    """Every page but the login is 401 for a stranger, who is shown the login and nothing else, and for a made-up or an
    old session."""
    with site.stranger() as client:
        for cookie in ("", "activity=made-up", f"{ORIGIN.cookie}={'x' * 43}"):
            answer = client.get(f"/activity{path}", headers={"Cookie": cookie})
            assert answer.status_code == 401
            assert "One-time code" in answer.text
            assert "task-" not in answer.text
            assert answer.headers["hx-refresh"] == "true"


@pytest.mark.parametrize("host", ["127.0.0.1:8420", "localhost:8420", "evil.example", "activity-test.localhost", ""])
@pytest.mark.parametrize("path", ["", "/login", "/static/style.css", "/integrity"])
def test_another_host_name_gets_nothing(site: Site, host: str, path: str) -> None:
    """A page of another site that points its name here (DNS rebinding) is refused, with a good session too."""
    with site.reviewer() as client:
        answer = client.get(f"/activity{path}", headers={"Host": host})
    assert answer.status_code == 421
    assert "task-" not in answer.text


def test_the_host_name_has_no_case(site: Site) -> None:
    """A browser may write it as it likes."""
    with site.reviewer() as client:
        assert client.get("/activity", headers={"Host": ORIGIN.host.upper()}).status_code == 200


@pytest.mark.parametrize("path", ["", "/login", "/static/htmx.min.js", "/runs/none", "/record/1/raw", "/badge"])
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    """Policy, no sniffing, no storing, no referrer, no framing: on pages, files, refusals and failures alike."""
    with site.reviewer() as client:
        inside = client.get(f"/activity{path}")
        outside = client.get(f"/activity{path}", headers={"Cookie": ""})
        elsewhere = client.get(f"/activity{path}", headers={"Host": "evil.example"})
    for answer in (inside, outside, elsewhere):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_allows_no_inline_code() -> None:
    """Nothing but files of this very origin; no inline, no eval, no frame, no other site."""
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy.pop("default-src") == policy.pop("frame-ancestors") == policy.pop("base-uri") == "'none'"
    assert set(policy.values()) == {"'self'"}


def test_pages_need_no_inline_code(site: Site) -> None:
    """No page has a style attribute, an event handler or a script of its own text."""
    for path in ("", f"/runs/{site.incident}", "/record", "/record/1", "/integrity"):
        page = site.page(f"/activity{path}")
        assert " style=" not in page
        assert " onclick" not in page
        assert "<style" not in page
        assert page.count("<script") == page.count("></script>") == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_here(site: Site, method: str) -> None:
    """No page takes anything but GET."""
    with site.reviewer() as client:
        for path in ("", f"/runs/{site.incident}", "/record", "/record/1", "/integrity", "/badge"):
            assert client.request(method, f"/activity{path}").status_code == 405


def test_a_failure_is_a_page_with_the_way_on(site: Site) -> None:
    """Unknown things and bad input are told as pages, without the text that was sent."""
    with site.reviewer() as client:
        gone = client.get("/activity/runs/task-<script>")
        assert (gone.status_code, gone.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "<script>" not in gone.text
        for query in ("since=soon", "text=" + "x" * 201):
            bad = client.get(f"/activity?{query}")
            assert bad.status_code in (400, 422)
            assert 'role="alert"' in bad.text
        assert client.get("/activity/record/99999999999999999999").status_code == 400
        assert client.get("/activity/record?before=-1").status_code == 400
        for path in ("?text=%00", "/runs/a%00", "/record?event=a%00b"):
            assert client.get(f"/activity{path}").status_code == 400
        nowhere = client.get("/activity/none/at/all")
        assert nowhere.status_code == 404
        assert nowhere.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
        assert client.get("/activity/").status_code == 200


def test_files_are_those_of_the_table(site: Site) -> None:
    """Each is served with its type to anybody; no other file is, however it is named."""
    with site.stranger() as client:
        for name, kind in FILES.items():
            answer = client.get(f"/activity/static/{name}")
            assert answer.headers["content-type"].startswith(kind)
        for name in ("../pages.py", "..%2fpages.py", "%2e%2e/pages.py", "style.css/", "none", ".."):
            assert client.get(f"/activity/static/{name}").status_code in (401, 404)
