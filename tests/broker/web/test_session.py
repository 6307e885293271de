"""One-time links and sessions."""

from __future__ import annotations

from broker.testing import ManualClock
from broker.web import session
from broker.web.session import LINK_SECONDS, MAX_HELD, SESSION_SECONDS, Sessions


def test_a_link_opens_one_session() -> None:
    """The code works once; the session then names whose it is."""
    sessions = Sessions(ManualClock())
    code = sessions.link("jwt:corp:olga").reveal()
    opened = sessions.exchange(code)
    assert opened is not None
    assert sessions.who(opened[0].reveal()) == opened[1] == "jwt:corp:olga"
    assert sessions.exchange(code) is None


def test_a_code_is_no_session_and_a_session_no_code() -> None:
    """Neither stands in for the other."""
    sessions = Sessions(ManualClock())
    code = sessions.link("olga").reveal()
    assert sessions.who(code) is None
    opened = sessions.exchange(code)
    assert opened is not None
    assert sessions.exchange(opened[0].reveal()) is None


def test_both_end_by_the_clock() -> None:
    """A link and a session work until their time is over, and not at that moment any more."""
    clock = ManualClock()
    sessions = Sessions(clock)
    early, late = sessions.link("a").reveal(), sessions.link("b").reveal()
    clock.advance(LINK_SECONDS - 1)
    opened = sessions.exchange(early)
    assert opened is not None
    clock.advance(1)
    assert sessions.exchange(late) is None
    clock.advance(SESSION_SECONDS - 2)
    assert sessions.who(opened[0].reveal()) == "a"
    clock.advance(1)
    assert sessions.who(opened[0].reveal()) is None


def test_a_new_process_knows_none_of_them() -> None:
    """Links and sessions are bound to the start of the broker."""
    first = Sessions(ManualClock())
    code = first.link("olga").reveal()
    assert Sessions(ManualClock()).exchange(code) is None


def test_what_is_held_is_bounded_and_holds_no_value() -> None:
    """More links than MAX_HELD push out the oldest; what is kept are digests."""
    sessions = Sessions(ManualClock())
    codes = [sessions.link("olga").reveal() for _ in range(MAX_HELD + 1)]
    assert sessions.exchange(codes[0]) is None
    assert not set(codes) & set(sessions._links)
    assert sessions.exchange(codes[-1]) is not None
    assert len(sessions._links) == MAX_HELD - 1


def test_any_text_can_be_asked() -> None:
    """Lone surrogates and endless texts are just unknown codes."""
    sessions = Sessions(ManualClock())
    assert sessions.exchange("\ud800") is sessions.exchange("x" * 100_000) is sessions.who("\udfff") is None
    assert session.LINK_SECONDS <= 600
