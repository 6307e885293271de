"""requirements.lock: pinned, with digests, in step with pyproject.toml, without licences that we do not take."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.wheel import ROOT

PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)( ; .+)? \\$")
STRONG_COPYLEFT = re.compile(r"\bA?GPL|GNU (?:Affero )?General Public", re.IGNORECASE)


def entries() -> dict[str, tuple[str, str]]:
    """Package → (version, the lines of its entry)."""
    found = {}
    for entry in re.split(r"^(?=\S)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE):
        if entry.strip():
            pin = PIN.match(entry.splitlines()[0])
            assert pin, entry.splitlines()[0]
            found[pin[1]] = (pin[2], entry)
    return found


def wanted() -> list[Requirement]:
    """Everything that pyproject.toml asks for: base, extras, groups, build."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    lists += [*project["dependency-groups"].values(), project["build-system"]["requires"]]
    return [Requirement(line) for lines in lists for line in lines]


def test_every_pin_has_digests() -> None:
    """Each entry is one exact version with at least one SHA-256 digest, and nothing else decides what is installed."""
    for name, (_, entry) in entries().items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), name
        assert "://" not in entry, name


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_satisfies_the_project(requirement: Requirement) -> None:
    """Each requirement of pyproject.toml is pinned to a version that it allows: the lock followed its change."""
    pinned = entries().get(canonicalize_name(requirement.name))
    assert pinned is not None
    assert requirement.specifier.contains(pinned[0])


def test_no_strong_copyleft() -> None:
    """No locked package that is installed here is under the GPL or AGPL; psycopg's LGPL is in docs/adr/0003."""
    found = set()
    for name in entries():
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # for another platform
        said = [about.get("License-Expression") or "", *(about.get_all("Classifier") or [])]
        said += (about.get("License") or "").splitlines()[:1]
        if any(STRONG_COPYLEFT.search(line) for line in said):
            found.add(name)
    assert found == set()


@pytest.mark.parametrize(
    ("said", "strong"),
    [
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False),
        ("LGPL-3.0-only", False),
        ("MIT AND BSD-3-Clause", False),
    ],
)
def test_strong_copyleft_is_recognised(said: str, strong: bool) -> None:
    """The GPL and AGPL in their usual spellings are told from the LGPL."""
    assert bool(STRONG_COPYLEFT.search(said)) is strong
