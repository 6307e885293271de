"""`python -m bench NAME... [--json]`: measure figures here and now; `--all` for every name, `--list` for the names.

A bench is `bench/NAME.py` with `run() -> list[Figure]`. It raises `Needs` with what it lacks instead of reporting a
figure that it did not measure. Exit status: 0 every goal met, 1 a goal missed, 2 unknown name or nothing measured.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from bench.figure import Figure
from bench.needs import Needs

NAMES = ("scan", "accuracy", "agreement", "guard", "audit", "policy", "broker", "sandbox")


def main(arguments: list[str]) -> int:
    """Run the chosen benches one after another and print each figure as soon as its bench is done."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the figures of SPEC.md.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--all", action="store_true", help="every name")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    parser.add_argument("--json", action="store_true", help="one JSON line a figure")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print("\n".join(NAMES))
        return 0
    names = NAMES if chosen.all else chosen.names
    for unknown in set(names) - set(NAMES):
        parser.error(f"no bench {unknown!r}; there are {', '.join(NAMES)}")
    figures = [figure for name in names for figure in measure(name, as_json=chosen.json)]
    if not figures:
        print(f"bench: nothing was measured; choose from {', '.join(NAMES)}, or --all", file=sys.stderr)
        return 2
    return 1 if any(figure.holds is False for figure in figures) else 0


def measure(name: str, *, as_json: bool) -> list[Figure]:
    """The figures of one bench, printed; an unmet need is named on standard error and yields none."""
    try:
        figures: list[Figure] = importlib.import_module(f"bench.{name}").run()
    except Needs as need:
        print(f"bench {name}: not measured, needs {need}", file=sys.stderr)
        return []
    for figure in figures:
        print(figure.line() if as_json else _row(figure), flush=True)
    return figures


def _row(figure: Figure) -> str:
    verdict = {True: f"goal {figure.goal}: met", False: f"goal {figure.goal}: MISSED", None: "no goal"}[figure.holds]
    beside = ""
    if figure.reference_value is not None:
        beside = f"  ({figure.reference}: {figure.reference_value:,.4g}"
        beside += f", ratio {figure.ratio:.3g})" if figure.ratio is not None else ")"
    return f"{figure.figure:42} {figure.value:>12,.4g} {figure.unit:10} n={figure.n:<6} {verdict}{beside}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
