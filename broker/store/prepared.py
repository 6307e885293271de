"""Statements of the path that every credential takes: written with SQLAlchemy once, run by the driver itself.

SQLAlchemy builds, looks up and wraps a statement anew each time, which costs ten times what SQLite needs to carry it
out; two dozen of them were a third of a credential's processor time. Here a statement is compiled once a dialect. It
runs in the caller's transaction like any other, and an error of the driver comes out as SQLAlchemy's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa


@dataclasses.dataclass(frozen=True, slots=True)
class _Made:
    """A compiled statement: its text, the order of its parameters (None: by name), those that are asked for, and those
    that it brings along."""

    text: str
    order: tuple[str, ...] | None
    asked: frozenset[str]
    fixed: Mapping[str, object]


class Prepared:
    """One statement whose parameters are named by `sa.bindparam`; no list (`in_`) is among them. Its columns need no
    conversion by SQLAlchemy: texts, whole numbers and bytes. Safe to share between threads."""

    def __init__(self, statement: sa.Select[*tuple[Any, ...]] | sa.Insert | sa.Update | sa.TextClause) -> None:
        self._statement = statement
        self._made: dict[str, _Made] = {}

    def first(self, tx: sa.Connection, **given: object) -> Mapping[str, Any] | None:
        """The first row by column name. Raises what `tx.execute` would."""
        cursor = self._run(tx, given)
        try:
            row = cursor.fetchone()
            return None if row is None else dict(zip([one[0] for one in cursor.description], row, strict=True))
        finally:
            cursor.close()

    def run(self, tx: sa.Connection, **given: object) -> int:
        """How many rows it changed. Raises what `tx.execute` would."""
        cursor = self._run(tx, given)
        try:
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def _run(self, tx: sa.Connection, given: Mapping[str, object]) -> Any:
        made = self._made.get(tx.dialect.name) or self._compile(tx.dialect)
        if given.keys() != made.asked:
            raise TypeError(f"this statement takes {sorted(made.asked)}, not {sorted(given)}")
        if not tx.in_transaction():
            tx.begin()
        values = {**made.fixed, **given}
        return _carry_out(tx, made.text, values if made.order is None else [values[name] for name in made.order])

    def _compile(self, dialect: sa.Dialect) -> _Made:
        compiled = self._statement.compile(dialect=dialect)
        asked = frozenset(name for name in compiled.params if compiled.binds[name].required)
        fixed = {name: value for name, value in compiled.params.items() if name not in asked}
        order = tuple(compiled.positiontup or ()) if compiled.positional else None
        self._made[dialect.name] = _Made(str(compiled), order, asked, fixed)
        return self._made[dialect.name]


def run_text(tx: sa.Connection, text: str, values: Sequence[object]) -> None:
    """Run a statement that is written for this driver, in a transaction that has begun (or that it begins). Raises what
    `tx.exec_driver_sql` would."""
    _carry_out(tx, text, values).close()


def _carry_out(tx: sa.Connection, text: str, values: Any) -> Any:
    """The cursor after `text`; whoever calls closes it."""
    cursor = tx.connection.cursor()
    try:
        cursor.execute(text, values)
    except BaseException as error:
        cursor.close()
        kind = tx.dialect.loaded_dbapi.Error
        if isinstance(error, kind):
            raise sa.exc.DBAPIError.instance(text, None, error, kind) from None
        raise
    return cursor
