"""Guard journals beside the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from broker.web import journals
from broker.web.journals import checked, sessions
from secretguard.audit.journal import ENVELOPE, Journal
from tests.broker.web.site import Site, served
from tests.secretguard.audit import runs

HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal by the real writer: a whole session with an exposure in it, then a hostile one."""
    made = tmp_path_factory.mktemp("journal")
    journal = Journal(str(made))
    for record in runs.example().records[1:]:  # the writer has said itself that the journal begins
        fields = {name: value for name, value in record.items() if name not in ENVELOPE}
        journal.append(str(record["event"]), fields)
    journal.append(
        "guard:command:denied", {"session_id": HOSTILE, "client": HOSTILE, "command": HOSTILE, "tool": "Bash"}
    )
    return made


@pytest.fixture(scope="module")
def site(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Pages that know of that journal, and of a folder that has none."""
    with served(tmp_path_factory.mktemp("site"), {"ada": str(folder), "empty": str(folder / "none")}) as made:
        yield made


def test_sessions_are_counted(folder: Path) -> None:
    """The newest first, with what was refused, kept back and exposed."""
    (hostile, real), complete = sessions(str(folder))
    assert complete
    assert (hostile.id, hostile.refused, hostile.exposed) == (HOSTILE, 1, 0)
    assert real.id == "s1"
    assert real.exposed >= 1
    assert real.kept >= 1
    assert real.first <= real.last


def test_a_folder_without_a_journal_has_no_session(tmp_path: Path) -> None:
    """That is no failure: the guard may not have run yet."""
    assert sessions(str(tmp_path)) == ([], True)
    found = checked(str(tmp_path))
    assert found is not None
    assert found.outcome == "cannot tell"


def test_a_journal_that_is_too_long_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ends in time, and the rest is not silently missing; a check that would take long is left out."""
    monkeypatch.setattr(journals, "SECONDS", -1)
    monkeypatch.setattr(journals, "MAX_VERIFIED", 10)
    assert sessions(str(folder))[1] is False
    assert checked(str(folder)) is None


def test_the_oldest_sessions_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many sessions the newest are listed."""
    monkeypatch.setattr(journals, "MAX_SESSIONS", 1)
    assert [one.id for one in sessions(str(folder))[0]] == [HOSTILE]


def test_a_session_is_told_as_on_the_command_line(site: Site, folder: Path) -> None:
    """From the list to one session: what needs a look first, then every step, in the words of `audit timeline`."""
    listed = site.page("/activity/journals")
    link = re.search(r'href="(/activity/journals/session\?[^"]*session=s1)"', listed)
    assert link
    page = site.page(unescape(link[1]))
    found = checked(str(folder))
    assert found is not None
    assert f"<strong>{found.words}</strong>" in page
    assert found.words == "incomplete"  # its writers say that records are missing
    assert "Look here" in page
    assert "EXPOSED" in page
    assert page.count('<span class="leaf quiet">record ') == 11
    assert "git clean -fdx" in page


def test_hostile_sessions_are_only_text(site: Site) -> None:
    """An id, a client and a command that try to be markup, or to turn the text around, are shown as what they are."""
    listed = site.page("/activity/journals?journal=ada")
    link = re.search(r'href="(/activity/journals/session\?[^"]*session=%3C[^"]*)"', listed)
    assert link
    for page in (listed, site.page(unescape(link[1]))):
        assert "<script>" not in page
        assert "\u202e" not in page
        assert "&lt;script&gt;" in page


def test_journals_are_chosen_by_name(site: Site) -> None:
    """Only those of the configuration, never a path; an empty one says what to do."""
    assert "No session is in this journal" in site.page("/activity/journals?journal=empty")
    with site.reviewer() as client:
        for query in ("journal=..", "journal=/etc", "journal=none"):
            assert client.get(f"/activity/journals?{query}").status_code == 404
        assert client.get("/activity/journals/session?session=none").status_code == 404
        assert client.get("/activity/journals/session?journal=empty&session=s1").status_code >= 400
        assert client.get("/activity/journals/session").status_code == 400


def test_without_journals_there_is_no_such_page(tmp_path: Path) -> None:
    """A broker that was told of none links to none."""
    with served(tmp_path, filled=False) as site, site.reviewer() as client:
        assert "Guard journals" not in client.get("/activity").text
        assert client.get("/activity/journals").status_code == 404
