"""`broker explain`: what the guide shows is what it prints."""

from __future__ import annotations

import contextlib
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broker import ceiling, task_policy
from broker.authenticate.identity import Identity
from broker.commands import explain as command
from broker.explain import Question, explained
from broker.narrow import NarrowTask
from broker.policy.policy_set import PolicySet
from broker.workplace import stated
from secretguard.policy.compiled import load, packaged

PAGE = (Path(__file__).parents[3] / "docs" / "guide" / "tasks.md").read_text()
FILES = re.findall(
    r"(?m)^(?:`(tasks/[a-z-]+\.toml)`:|`(ceilings\.toml)` says[^\n]*)\n\n((?:    [^\n]*\n|\n(?=    ))+)", PAGE
)
SESSIONS = re.findall(r"(?m)^    \$ broker (explain [^\n]*)\n((?:    [^\n]*\n)+)", PAGE)


class Broker:
    """A broker that answers as the real one decides, for a Unix peer."""

    def __init__(self, held: PolicySet) -> None:
        self.held = held

    def explain(self, policy: str, grant: str | None, narrow: Any, *, repository: str, branch: str) -> Any:
        """See `BrokerClient.explain`."""
        asked = NarrowTask.model_validate(narrow) if narrow else None
        caller, said = Identity("unix", "1000"), stated(repository, branch)
        return explained(self.held, Question(caller, policy, grant or "", asked, said))


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Broker:
    """The guide's own files, under the policy set of the laptop pack."""
    (tmp_path / "tasks").mkdir()
    for task, other, text in FILES:
        (tmp_path / (task or other)).write_text(textwrap.dedent(text))
    rules = load(packaged("laptop"))
    made = Broker(PolicySet("", rules, task_policy.load(str(tmp_path)), ceiling.load(str(tmp_path))))

    @contextlib.contextmanager
    def client(_endpoint: str, _token_file: str | None) -> Iterator[Broker]:
        yield made

    monkeypatch.setattr(command, "client", client)
    return made


def test_the_guide_has_what_is_looked_for() -> None:
    """Three files and two explanations."""
    assert (len(FILES), len(SESSIONS)) == (3, 2)


@pytest.mark.parametrize(("line", "shown"), SESSIONS, ids=["allowed", "refused"])
def test_what_the_guide_shows_is_what_it_prints(broker: Broker, line: str, shown: str) -> None:
    """Letter by letter; the exit code says whether it is allowed."""
    result = CliRunner().invoke(command.explain, shlex.split(line)[1:])
    assert result.output == textwrap.dedent(shown)
    assert result.exit_code == (0 if shown.strip().startswith("allowed") else 1)


def test_the_nearest_request_can_be_typed_as_it_is_printed(broker: Broker) -> None:
    """Pasted into a shell it is one argument, and passes."""
    line = SESSIONS[1][0].partition(" --narrow")[0]
    (told,) = re.findall(r"nearest: (--narrow .*)", SESSIONS[1][1])
    assert CliRunner().invoke(command.explain, shlex.split(f"{line} {told}")[1:]).exit_code == 0


def test_where_nothing_passes_it_says_so(broker: Broker) -> None:
    """An unknown policy has no table."""
    result = CliRunner().invoke(command.explain, ["none"])
    assert "nearest: nothing passes" in result.output
    assert "effective" not in result.output
