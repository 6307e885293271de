"""Places read out of single words, and words that only look like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.shell.address import LONGEST, UNREAD, UNSAID, of_authority, of_copy, of_image, of_url
from secretguard.shell.words import UNKNOWN


@pytest.mark.parametrize(
    ("url", "host", "port", "scheme"),
    [
        ("https://api.example/x?y", "api.example", 0, "https"),
        ("HTTPS://User:pw@Api.Example.:443", "api.example", 443, "https"),
        ("http://[fe80::1%eth0]:80/", "[fe80::1%eth0]", 80, "http"),
        ("jdbc:postgresql://db.example:5432/app", "db.example", 5432, "postgresql"),
        ("git+ssh://git@git.example/a", "git.example", 0, "git+ssh"),
        ("https://bücher.example", "bücher.example", 0, "https"),
        ("https://api.example:99999/", "api.example", 0, "https"),
        ("https://api.example?@evil.example", "api.example", 0, "https"),
        ("https://a@b@c.example/", "c.example", 0, "https"),
        (f"{UNKNOWN}://api.example", "api.example", 0, ""),
        (f"https://api.example:{UNKNOWN}/", "api.example", 0, "https"),
    ],
)
def test_a_url_names_host_port_and_scheme(url: str, host: str, port: int, scheme: str) -> None:
    """What a client would connect to; user and password are not kept."""
    call = of_url(url, "t")
    assert call is not None
    assert (call.host, call.port, call.scheme, call.unknown) == (host, port, scheme, "")


@pytest.mark.parametrize(
    "text", ["file:///etc/x", "s3://bucket/x", "https:///x", "word", "://x", "a b://x", "data://x"]
)
def test_what_has_no_host_is_no_call(text: str) -> None:
    """A path, a bucket, an empty authority, no scheme."""
    assert of_url(text, "t") is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"https://{UNKNOWN}/", UNSAID),
        (f"https://a.{UNKNOWN}.example/", UNSAID),
        ("https://{a,b}.example/", UNSAID),
        ("https://a\\@b.example/", UNREAD),
        ("https://%61.example/", UNREAD),
        ("https://a b.example/", UNREAD),
        ("https://a\x1b[2J.example/", UNSAID),
        ("https://a\u202e.example/", UNREAD),
        ("https://[::1/", UNSAID),
        ("https://" + "a" * (LONGEST + 1) + "/", UNREAD),
    ],
)
def test_a_host_that_is_not_plain_is_said_and_not_guessed(url: str, why: str) -> None:
    """Variables, patterns, forms that clients read differently, and what could drive a terminal."""
    call = of_url(url, "t")
    assert call is not None
    assert (call.host, call.unknown) == ("", why)


@pytest.mark.parametrize(
    ("word", "host"),
    [("user@h.example:x", "h.example"), ("h:", "h"), ("[::1]:x", "[::1]"), ("h.example::module", "h.example")],
)
def test_a_copy_names_a_host_before_the_colon(word: str, host: str) -> None:
    """scp's, rsync's and git's form."""
    call = of_copy(word, "t")
    assert call is not None
    assert call.host == host


@pytest.mark.parametrize("word", ["./a:b", "a/b:c", "file", "", "/x"])
def test_a_path_is_no_host(word: str) -> None:
    """A slash before the colon, or no colon, makes it a path of this machine."""
    assert of_copy(word, "t") is None


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("alpine:3", "docker.io"),
        ("team/app", "docker.io"),
        ("ghcr.io/team/app:1", "ghcr.io"),
        ("localhost/app", "localhost"),
        ("registry:5000/app", "registry"),
        ("docker://quay.example/app", "quay.example"),
        (f"{UNKNOWN}/app", ""),
    ],
)
def test_an_images_registry(image: str, host: str) -> None:
    """The rule of image references: a first part with a dot or port is a registry."""
    assert of_image(image, "t").host == host


@given(st.text(max_size=60))
def test_any_text_is_a_host_or_says_why_not(text: str) -> None:
    """No text breaks the reader, and none passes as a host with a character that no host has."""
    for call in (of_authority(text, "t"), of_copy(text, "t"), of_url("x://" + text, "t"), of_image(text, "t")):
        if call is not None:
            assert bool(call.host) != bool(call.unknown)
            assert all(c.isprintable() and c not in "/@?#\\ " for c in call.host)
