"""The one address of the pages."""

from __future__ import annotations

from broker.web.origin import origin_of


def test_without_an_address_there_are_no_pages() -> None:
    """A broker on its Unix socket alone cannot be reached by a browser."""
    assert origin_of(None, None) is None


def test_on_loopback_the_name_cannot_be_guessed() -> None:
    """Each start has another name, 64 bits of it random, with the port that is listened on."""
    one, other = origin_of(None, "127.0.0.1:8420"), origin_of(None, "[::1]:8420")
    assert one is not None
    assert other is not None
    assert one.host != other.host
    assert one.host.startswith("activity-")
    assert one.host.endswith(".localhost:8420")
    assert len(one.host) == len("activity-") + 16 + len(".localhost:8420")
    assert (one.scheme, one.cookie, one.base) == ("http", "activity", "")


def test_the_port_that_a_browser_leaves_out_is_left_out() -> None:
    """A browser sends no port in `Host` for port 80."""
    origin = origin_of(None, "127.0.0.1:80")
    assert origin is not None
    assert origin.host.endswith(".localhost")


def test_a_public_address_is_taken_as_it_is() -> None:
    """Its host, port and path; under https the cookie is bound to the very host."""
    origin = origin_of("https://Broker.example.org:8443/agents", "127.0.0.1:8420")
    assert origin is not None
    assert origin.url == "https://broker.example.org:8443/agents/activity"
    assert (origin.text, origin.cookie) == ("https://broker.example.org:8443", "__Host-activity")
