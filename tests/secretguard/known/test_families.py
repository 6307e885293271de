"""Which files hold secrets, and what each kind is read for."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.known.families import ENV, JSON, LINES, MOST, NETRC, PGPASS, URLS, family, values

WORD = "xK9!mQ2" + "vB7"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (".env", ENV), (".env.local", ENV), (".env.production", ENV), (".env-ci", ENV), ("app.env", ENV),
        (".envrc", ENV),
        (".env.example", None), (".env.sample", None), ("env.template.env", None), (".envoy.yaml", None),
        ("environment.ts", None), ("secrets.yaml", LINES), ("secrets.json", JSON), ("secrets.py", None),
        ("credentials", LINES), ("credentials.json", JSON), ("credentials.ts", None), ("credentials-prod.json", JSON),
        (".secrets.toml", LINES), ("prod.tfvars", LINES), ("terraform.tfvars.json", JSON), (".npmrc", LINES),
        (".pypirc", LINES), (".netrc", NETRC), (".pgpass", PGPASS), (".git-credentials", URLS), ("README.md", None),
        ("package.json", None), ("", None),
    ],
)  # fmt: skip
def test_by_the_name(name: str, kind: str | None) -> None:
    """Files of secrets by their names; examples and code are none."""
    assert family(name) == kind


@pytest.mark.parametrize(
    ("kind", "text", "variable", "line"),
    [
        (ENV, f"A=1\nDB_PASSWORD={WORD}\n", "DB_PASSWORD", 2),
        (LINES, f"[db]\nuser = app\npassword = {WORD}\n", "password", 3),
        (JSON, json.dumps({"db": {"password": WORD}}), "password", 0),
        (JSON, f'// said\n{{\n"password": "{WORD}",\n}}', "password", 3),
        (NETRC, f"machine h\n  login a\n  password {WORD}\n", "password", 3),
        (PGPASS, f"h:5432:db:app:{WORD}\n", "password", 1),
        (URLS, f"https://app:{WORD}@git.example\n", "credential_PASSWORD", 1),
    ],
)
def test_each_kind(kind: str, text: str, variable: str, line: int) -> None:
    """The password of each kind of file, with its variable and line."""
    assert list(values(kind, text.encode())) == [(variable, WORD.encode(), False, line)]


def test_a_kubernetes_secret_is_known_decoded() -> None:
    """`data` of a Secret is base64: the real value is known, whichever program prints it."""
    text = f"kind: Secret\ndata:\n  DB_PASSWORD: {base64.b64encode(b'hunter2xyzab').decode()}\n"
    assert b"hunter2xyzab" in [value for _, value, _, _ in values(LINES, text.encode())]


def test_in_utf_16() -> None:
    """As PowerShell writes it."""
    assert [v for _, v, _, _ in values(ENV, f"DB_PASSWORD={WORD}\r\n".encode("utf-16"))] == [WORD.encode()]


def test_no_more_than_the_most() -> None:
    """A file of endless values is bounded."""
    text = "\n".join(f"KEY_{n}=xK9!mQ2vB{n}" for n in range(MOST + 50))
    assert len(list(values(ENV, text.encode()))) == MOST


@given(st.sampled_from([ENV, LINES, JSON, NETRC, PGPASS, URLS]), st.binary(max_size=300))
def test_any_bytes(kind: str, data: bytes) -> None:
    """No input breaks any of them."""
    assert all(value for _, value, _, _ in values(kind, data))
