"""`secretguard redact [FILE]`: text in, the same text with placeholders out, in bounded memory, as it comes."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

import click

from secretguard.errors import ConfigError, GuardError
from secretguard.source import text
from secretguard.wrapper import relay
from secretguard.wrapper.lane import PIECE, Lane
from secretguard.wrapper.view import of_person


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--project", type=click.Path(file_okay=False), default=".", help="Folder whose placeholders are used.")
def redact(file: BinaryIO, project: str) -> None:
    """Copy FILE (default: stdin) to stdout with every secret replaced by its placeholder.

    Where the text comes from a program that is still printing, what is safe is shown at every pause of it.
    """
    view = of_person(project)
    first = os.read(file.fileno(), PIECE)
    encoding = text.kind(first)
    if encoding not in (text.BYTES, text.BINARY):
        name = encoding.upper()
        raise ConfigError(
            f"the text is {name}, in which no secret would be found", f"iconv -f {name} -t UTF-8 it first"
        )
    lane = Lane(os.dup(file.fileno()), sys.stdout.fileno(), view)
    lane.take(first)
    relay.copy(lane)
    if lane.withheld:
        raise GuardError(f"the rest was withheld: {lane.withheld}")
