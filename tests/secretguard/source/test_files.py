"""Walking folders and opening files: nothing blocks, nothing is followed unasked, nothing is dropped in silence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from secretguard.errors import ConfigError
from secretguard.report.located import Skipped
from secretguard.source import files

ROOT = Path(__file__).parents[3]


def test_files_come_sorted_and_once(tmp_path: Path) -> None:
    """Folders are read in name order; a file that is named twice is scanned once."""
    for name in ("b", "a", "c/d"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    top = str(tmp_path)
    assert list(files.walk([top, f"{top}/a"])) == [f"{top}/a", f"{top}/b", f"{top}/c/d"]


def test_current_folder_has_no_dot_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths below `.` are written as git and baselines write them."""
    (tmp_path / "a").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert list(files.walk(["."])) == ["a"]


def test_missing_path_is_an_error() -> None:
    """A mistyped path is no clean scan."""
    with pytest.raises(ConfigError, match="no such file"):
        list(files.walk(["/nonexistent/x"]))


def test_links_and_special_files_are_reported(tmp_path: Path) -> None:
    """Below a folder links are not followed, pipes and sockets not opened; each is named with the reason."""
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        place = os.getcwd()
        os.chdir(tmp_path)
        try:
            server.bind("sock")
        finally:
            os.chdir(place)
    found = list(files.walk([str(tmp_path)]))
    reasons = {Path(item.path).name: item.reason for item in found if isinstance(item, Skipped)}
    assert reasons == {"link": "symbolic link", "loop": "symbolic link", "pipe": "special file", "sock": "special file"}
    assert [item for item in found if isinstance(item, str)] == [str(tmp_path / "real")]


def test_link_that_the_user_names_is_followed(tmp_path: Path) -> None:
    """A link on the command line is what the user asked for."""
    (tmp_path / "real").write_text("hello")
    (tmp_path / "link").symlink_to("real")
    [path] = list(files.walk([str(tmp_path / "link")]))
    assert isinstance(path, str)
    fd, size = files.open_file(path)
    os.close(fd)
    assert size == 5


def test_opening_a_pipe_does_not_block(tmp_path: Path) -> None:
    """A pipe without a writer, a socket and a device are refused at once."""
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), "/dev/null"):
        with pytest.raises(files.Unreadable, match="special file"):
            files.open_file(path)


def test_vanished_file_is_unreadable(tmp_path: Path) -> None:
    """A file that is gone by the time it is read is named, and does not stop the scan."""
    with pytest.raises(files.Unreadable, match="gone while scanning"):
        files.open_file(str(tmp_path / "gone"))


OPEN_AS_ORDINARY_USER = """
import os, sys
from secretguard.source import files
if os.geteuid() == 0:  # root may read everything: become nobody, once all is imported
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for path in sys.argv[1:]:
    try:
        files.open_file(path)
        print("opened")
    except files.Unreadable as error:
        print(error)
"""


def test_forbidden_file_is_unreadable() -> None:
    """A file without read permission is named with that reason; the one beside it is opened."""
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path, which nobody but its owner may enter
        Path(folder).chmod(0o755)
        shut, readable = Path(folder, "closed"), Path(folder, "open")
        for path, mode in ((shut, 0), (readable, 0o644)):
            path.write_text("x")
            path.chmod(mode)
        command = [sys.executable, "-c", OPEN_AS_ORDINARY_USER, str(shut), str(readable)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["permission denied", "opened"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """A file name of arbitrary bytes is walked like any other."""
    name = os.fsencode(str(tmp_path)) + b"/\xff\xfe\n\x1b[31m"
    with open(name, "wb"):
        pass
    assert list(files.walk([str(tmp_path)])) == [os.fsdecode(name)]
