"""A program in the wrapper: what it prints, how it ends, and what it leaves behind, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.secretguard.wrapper.started import TOKEN, begun, end, ran, running, until, words


@pytest.fixture(autouse=True)
def secret(tmp_path: Path) -> Path:
    """A file with a secret, so that no command line holds one."""
    path = tmp_path / "secret.txt"
    path.write_text(f"first\nTOKEN={TOKEN}\nlast\n")
    return path


def test_both_outputs_are_redacted_each_for_itself() -> None:
    """Standard output and error keep apart, and neither holds the secret."""
    done = ran("cat secret.txt; cat secret.txt >&2; echo neutral")
    assert done.returncode == 0
    assert done.stdout.startswith(b"first\nTOKEN=[[secret:github-token:")
    assert done.stdout.endswith(b"]]\nlast\nneutral\n")
    assert done.stderr.startswith(b"first\nTOKEN=[[secret:github-token:")
    assert TOKEN.encode() not in done.stdout + done.stderr


def test_one_place_for_both_keeps_their_order_and_sees_what_is_split(tmp_path: Path) -> None:
    """Output and error into one file, as the client has it: in order, and a secret over both is one."""
    with (tmp_path / "out").open("ab") as out:
        line = "for n in 1 2 3; do echo out$n; echo err$n >&2; done; head -c 20 secret.txt; tail -c +21 secret.txt >&2"
        ran(line, capture_output=False, stdout=out, stderr=out)
    text = (tmp_path / "out").read_text()
    assert text.startswith("out1\nerr1\nout2\nerr2\nout3\nerr3\nfirst\nTOKEN=[[secret:")
    assert TOKEN[-10:] not in text


@pytest.mark.parametrize("data", [b"", b"\0\xff\xfe" * 5000, "naïve 🔑\n".encode() * 3000, b"no line end"])
def test_what_holds_no_secret_is_unchanged(tmp_path: Path, data: bytes) -> None:
    """Binary, UTF-8 and an unfinished line come out byte for byte."""
    (tmp_path / "data").write_bytes(data)
    assert ran("cat data").stdout == data


@pytest.mark.parametrize("status", [0, 1, 3, 125, 255])
def test_the_exit_status_is_kept(status: int) -> None:
    """However the command exits, so does the wrapper."""
    assert ran(f"exit {status}").returncode == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGABRT, signal.SIGSEGV])
def test_an_end_by_a_signal_is_kept(number: int, tmp_path: Path) -> None:
    """A command that a signal ended ends the wrapper by the same one, and its memory is not written to disk."""
    assert ran(f"cat secret.txt; kill -{number} $$; sleep 9").returncode == -number
    assert not list(tmp_path.glob("core*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_for_the_wrapper_reaches_the_command_once(number: signal.Signals) -> None:
    """Sent to the wrapper's process alone, it is passed on; the command decides, and is asked once."""
    name = number.name.removeprefix("SIG")
    process = begun(f"trap 'echo caught; exit 7' {name}; echo ready; while :; do sleep 0.05; done")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    os.kill(process.pid, number)
    out, _ = process.communicate(timeout=20)
    assert (out, process.returncode) == (b"caught\n", 7)


def test_a_signal_for_the_whole_group_ends_all_of_it() -> None:
    """The client ends a command by its process group: nothing of it is left."""
    process = begun("sleep 60 & echo $!; wait")
    assert process.stdout is not None
    inner = int(process.stdout.readline())
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGTERM
    assert until(lambda: not running(inner))


def test_a_killed_wrapper_leaves_no_orphan() -> None:
    """SIGKILL for the wrapper alone: the watcher ends what it had started, silent or not."""
    process = begun("sleep 60 & echo $$ $!; wait")
    assert process.stdout is not None
    pids = [int(pid) for pid in process.stdout.readline().split()]
    os.kill(process.pid, signal.SIGKILL)
    assert until(lambda: not any(map(running, pids)))
    end(process)


def test_a_killed_command_ends_the_wrapper() -> None:
    """SIGKILL for the command: the wrapper ends the same way, and its watcher is gone."""
    process = begun("echo $$; exec sleep 60")
    assert process.stdout is not None
    os.kill(int(process.stdout.readline()), signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    end(process)


def test_what_goes_on_in_the_background_does_not_hold_the_command(tmp_path: Path) -> None:
    """A server that was started with `&` prints on, redacted, after the command and the wrapper have ended."""
    with (tmp_path / "out").open("ab") as out:
        process = begun("(until [ -e go ]; do sleep 0.02; done; cat secret.txt) & echo done", stdout=out, stderr=out)
        assert process.wait(20) == 0
    assert (tmp_path / "out").read_text() == "done\n"
    (tmp_path / "go").touch()
    assert until(lambda: b"last" in (tmp_path / "out").read_bytes())
    assert TOKEN not in (tmp_path / "out").read_text()
    assert until(lambda: not _group(process.pid))
    end(process)


def _group(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def test_input_is_the_commands_own() -> None:
    """What is given on standard input reaches the command, and a writer hears when the command does not read on."""
    assert ran("head -n 1", stdin=None, input=b"one\ntwo\n").stdout == b"one\n"
    process = begun("exec 0<&-; echo closed; sleep 60", stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(BrokenPipeError):
        os.write(process.stdin.fileno(), b"x")
    process.stdin.close()
    process.stdin = None
    end(process)


def test_a_reader_that_goes_away_ends_the_command() -> None:
    """As without the wrapper: who prints into a pipe that nobody reads is told by SIGPIPE."""
    process = begun("yes neutral; echo $? > status")
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(20) == 0
    assert Path("status").read_text() == f"{128 + signal.SIGPIPE}\n"
    assert process.stderr is not None
    process.stderr.close()


def test_a_full_disk_keeps_the_exit_status() -> None:
    """Output that cannot be written is lost, as the program's own would be; the command runs to its end."""
    with open("/dev/full", "wb", buffering=0) as full:
        done = ran("cat secret.txt; exit 4", capture_output=False, stdout=full, stderr=subprocess.DEVNULL)
    assert done.returncode == 4


def test_a_pause_shows_the_prompt() -> None:
    """What a waiting program has printed is shown though the line has no end."""
    process = begun("printf 'Password: '; sleep 60")
    assert process.stdout is not None
    assert process.stdout.read(10) == b"Password: "
    end(process)


def test_a_program_that_is_not_there_is_said() -> None:
    """As a shell has it: status 127."""
    done = subprocess.run(words("true", "no-such-shell"), capture_output=True, timeout=20, check=False)
    assert done.returncode == 127
    assert b"no-such-shell" in done.stderr


@pytest.mark.parametrize("broken", ["key", "cache", "state"])
def test_a_guard_that_cannot_work_withholds_and_says_so(broken: str, in_home: Path) -> None:
    """Digest key damaged, pack folder open to others, journal not writable: no text, the reason, the exit status."""
    (in_home / "state").mkdir(mode=0o700)
    if broken == "key":
        (in_home / "state" / "digest.key").write_bytes(b"short")
    elif broken == "cache":
        (in_home / "cache").unlink()
        (in_home / "cache" / "pack").mkdir(parents=True)
        (in_home / "cache" / "pack").chmod(0o777)
    else:
        (in_home / "state" / "audit").write_text("no folder")
    done = ran("cat secret.txt; exit 6")
    assert done.returncode == 6
    assert TOKEN.encode() not in done.stdout + done.stderr
    assert b"[secretguard withheld 58 bytes of this output: " in done.stdout


def test_a_missing_pack_is_built_meanwhile(in_home: Path) -> None:
    """Without a pack the first command waits for one; it is not shown raw."""
    (in_home / "cache").unlink()
    done = ran("cat secret.txt")
    assert b"TOKEN=[[secret:github-token:" in done.stdout
