"""The base install's part of the lock."""

from __future__ import annotations

import re

import pytest

from scripts import install_base
from tests.packaging.wheel import base_lock


def names(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9.-]*)==", lock, re.MULTILINE))


def test_nothing_is_missing() -> None:
    """All that this environment's own metadata say the base install needs is in it, and no other extra's."""
    found = names(install_base.wanted("dependencies"))
    assert names(base_lock()) <= found
    assert not found & {"distributed", "fastapi", "hvac", "pytest", "sqlalchemy", "opentelemetry-sdk"}


def test_an_extra_is_on_top_of_it() -> None:
    """The broker's image has what the broker needs, and neither tests' nor other extras' parts."""
    base, broker = (names(install_base.wanted("dependencies", *extras)) for extras in ((), ("broker",)))
    assert {"fastapi", "hvac", "sqlalchemy", "psycopg-binary", "uvicorn", "prometheus-client"} <= broker - base
    assert base < broker
    assert not broker & {"distributed", "pytest", "moto", "boto3", "opentelemetry-sdk"}
    assert "boto3" in names(install_base.wanted("dependencies", "broker", "aws")) - broker
    with pytest.raises(KeyError):
        install_base.wanted("dependencies", "nothing")


@pytest.mark.parametrize("kind", ["dependencies", "requires"])
def test_everything_has_a_digest(kind: str) -> None:
    """Each entry is pinned and has digests, and names no place to get it from."""
    lock = install_base.wanted(kind)
    for entry in re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry
    assert "://" not in lock


def test_it_wants_one_folder() -> None:
    """Anything else is a usage error."""
    assert install_base.main([]) == 2
    assert install_base.main(["a", "b"]) == 2
    assert install_base.main(["a", "--extra"]) == 2
    assert install_base.main(["a", "--other", "broker"]) == 2
