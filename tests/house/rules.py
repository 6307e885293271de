"""The house rules that a machine can see: each takes files or text and yields what breaks it, as `file: what`."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

FILE_LINES, FUNCTION_LINES, TESTED_FROM = 400, 50, 15
DRAWERS = {"utils", "util", "helpers", "common", "misc", "core"}

# Spelt backwards, so that this file does not break its own rule.
HOSTS = re.compile(
    "|".join(
        re.escape(host[::-1])
        for host in (
            "gro.detsohnohtyp.selif",
            "gro.ipyp",
            "gro.sjmpn.yrtsiger",
            "gro.gnalog.yxorp",
            "gro.gnalog.mus",
            "oi.setarc.xedni",
            "gro.naibed.bed",
            "gro.ehcapa.nevam.oper",
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w/.~-])/(?:" + "|".join(("work", "root", "farm")) + ")/")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


def oversized(path: str, source: str) -> Iterator[str]:
    """Files and functions over the cap, and modules named like a drawer."""
    lines = source.count("\n")
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines, the cap is {FILE_LINES}"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, the cap is {FUNCTION_LINES}"
    if DRAWERS & {Path(path).stem, *Path(path).parts[:-1]}:
        yield f"{path}: a drawer, not a room: name it after what it holds"


def undocumented(path: str, source: str) -> Iterator[str]:
    """Public functions and classes of a module without a docstring."""
    for node in ast.parse(source).body:
        public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_"
        if public and not ast.get_docstring(node):
            yield f"{path}:{node.lineno}: {node.name} has no docstring"


def untested(modules: Mapping[str, str], tests: set[str], tested_by: Mapping[str, str]) -> Iterator[str]:
    """Modules of more than a few lines without a test file at their place, unless `tested_by` names the file that has
    their tests; and rows of `tested_by` that are not needed or name no test."""
    lacking = set()
    for path, source in modules.items():
        module = Path(path)
        wanted = f"tests/{module.parent.as_posix()}/test_{module.stem.strip('_')}.py"
        if source.count("\n") > TESTED_FROM and module.stem != "__init__" and wanted not in tests:
            lacking.add(path)
            if path not in tested_by:
                yield f"{path}: no {wanted}"
    for path, test in sorted(tested_by.items()):
        if path not in lacking:
            yield f"{path}: has a test of its own, or is gone; its row is not needed"
        elif test not in tests:
            yield f"{path}: is to be tested by {test}, which is not there"


def leaking(path: str, text: str) -> Iterator[str]:
    """Paths of one machine and hosts of package registries in a tracked file."""
    for what, pattern in (("registry host", HOSTS), ("machine path", MACHINE_PATHS)):
        for found in pattern.finditer(text):
            yield f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {what} {found.group()}"


def unfinished(path: str, text: str) -> Iterator[str]:
    """Notes to oneself in a tracked file."""
    for found in UNFINISHED.finditer(text):
        yield f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"


def spec_figures(spec: str) -> dict[str, tuple[str, str]]:
    """Figure → (goal, bench name), from the rows `| figure | goal | unit | python -m bench NAME |` of SPEC.md."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]*) \| [^|]* \| `python -m bench (\w+)` \|", spec, re.MULTILINE)
    return {figure.strip(): (goal.strip().strip("`"), name) for figure, goal, name in rows}


def bench_figures(name: str, source: str) -> dict[str, tuple[str, str]]:
    """Figure → (goal, bench name) from the `Figure(...)` calls of a bench, whose names and goals are literals.

    Raises ValueError for a figure whose name is computed: nobody could look it up in SPEC.md.
    """
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Figure":
            given = dict(zip(("figure", "value", "unit", "n", "goal"), node.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            figure, goal = given.get("figure"), given.get("goal")
            if not (isinstance(figure, ast.Constant) and isinstance(figure.value, str)):
                raise ValueError(f"bench/{name}.py:{node.lineno}: the name of a figure is a literal")
            found[figure.value] = (str(goal.value) if isinstance(goal, ast.Constant) else "", name)
    return found


def undocumented_commands(program: str, commands: list[str], guide: str) -> Iterator[str]:
    """Subcommands that no page of the guide shows in use."""
    for command in commands:
        if not re.search(rf"\b{program} {re.escape(command)}\b", guide):
            yield f"`{program} {command}`: in no page of docs/guide nor in README.md"


def dead_links(path: str, text: str, exists: Callable[[str], bool]) -> Iterator[str]:
    """Links to files, and files of the project named in backquotes, that are not there."""
    folder = Path(path).parent
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not exists(posixpath.normpath((folder / target).as_posix())):
            yield f"{path}: links to {target}, which is not there"
    for named in re.findall(r"`((?:tests|scripts|docs|bench|broker|secretguard|baselines|examples)/[\w./-]*)`", text):
        if not exists(named.rstrip("/")):
            yield f"{path}: names {named}, which is not there"
