"""What the packages import is what pyproject.toml asks for: nothing works by the luck of another's requirement."""

from __future__ import annotations

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.wheel import ROOT

BROUGHT = {
    "_hs_ext": "hyperscan",
    "starlette": "fastapi",
    "markupsafe": "jinja2",
    "google": "opentelemetry-exporter-otlp-proto-http",
    "yaml": "detect-secrets",  # which reads its own configuration with it
}
"""Module → the declared requirement whose own part it is."""


def declared(package: str) -> set[str]:
    """The requirements that the package may import: base and extras, for the broker its own, too."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    lines = (
        project["dependencies"] + extras["otel"] + extras["fleet"] + (extras["broker"] if package == "broker" else [])
    )
    return {canonicalize_name(Requirement(line).name) for line in lines}


def imported(package: str) -> dict[str, Path]:
    """Top-level module → a file of the package that imports it; our own and Python's left out."""
    found: dict[str, Path] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                names = [str(given.value) for given in node.args if isinstance(given, ast.Constant)]
            found |= {name.partition(".")[0]: path for name in names}
    ours = {"secretguard", "broker", "__future__", "json_text"}  # the last beside a copy that runs alone: our own file
    known = sys.stdlib_module_names | ours | {"_sha2", "_sha256", "compression"}  # CPython's own, in some versions
    return {name: path for name, path in found.items() if name not in known}


@pytest.mark.parametrize("package", ["secretguard", "broker"])
def test_every_import_is_declared(package: str) -> None:
    """Each module of others that a package imports comes with a requirement that it declares."""
    homes = packages_distributions()
    have = declared(package)
    for name, path in imported(package).items():
        given = {BROUGHT[name]} if name in BROUGHT else {canonicalize_name(home) for home in homes.get(name, [])}
        assert given & have, f"{path.relative_to(ROOT)} imports {name}, which no requirement of {package} brings"


@pytest.mark.parametrize("package", ["secretguard", "broker"])
def test_nothing_is_declared_for_nothing(package: str) -> None:
    """Each requirement of the package is imported somewhere, or is a program or a driver that is named here."""
    named = {"shfmt-py", "psycopg", "google-re2"}  # a program, a driver by URL, another processor's engine
    homes = packages_distributions()
    used = {
        canonicalize_name(home)
        for one in ("secretguard", "broker")
        for name in imported(one)
        for home in homes.get(name, [])
    }
    used |= {BROUGHT[name] for one in ("secretguard", "broker") for name in imported(one) if name in BROUGHT}
    assert declared(package) - used - named == set()
