"""`secretguard redact [FILE]`: text in, the same text with placeholders out, in bounded memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

import click

from secretguard.errors import ConfigError
from secretguard.pack import open_engine
from secretguard.placeholder import of_user
from secretguard.source import text
from secretguard.stream import CHUNK, redact_stream


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--project", type=click.Path(file_okay=False), default=".", help="Folder whose placeholders are used.")
def redact(file: BinaryIO, project: str) -> None:
    """Copy FILE (default: stdin) to stdout with every secret replaced by its placeholder."""
    engine, tags = open_engine(), of_user(os.path.realpath(project))
    for piece in redact_stream(_chunks(file), engine, tags):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    chunk = file.read(CHUNK)
    encoding = text.kind(chunk)
    if encoding not in (text.BYTES, text.BINARY):
        name = encoding.upper()
        raise ConfigError(
            f"the text is {name}, in which no secret would be found", f"iconv -f {name} -t UTF-8 it first"
        )
    while chunk:
        yield chunk
        chunk = file.read(CHUNK)
