"""The guide's examples work: curl and Python, as printed, against a real `broker dev`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker import aws_config, github_config
from broker.client import BrokerClient
from broker.config import Issuer
from broker.errors import Unreachable
from broker.issue.registry import NAMES, require_known
from broker.task_policy import load_file
from broker.toml_file import StrictModel

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "broker.md"
BLOCKS = [textwrap.dedent(found) for found in re.findall(r"(?m)(?:^    .*\n|^\n(?=    ))+", GUIDE.read_text())]
MODELS: dict[str, type[StrictModel]] = {"aws": aws_config.AwsTable, "github": github_config.GitHubTable}
CURL = [line for block in BLOCKS for line in block.splitlines() if line.startswith("curl ")]


def block(start: str) -> str:
    """The one indented block of the guide that begins with `start`."""
    (found,) = [text for text in BLOCKS if text.lstrip().startswith(start)]
    return found.strip()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which `broker dev` is running."""
    home = tmp_path_factory.mktemp("h")
    environment = {**os.environ, "SECRETGUARD_HOME": str(home)}
    arguments = [sys.executable, "-m", "broker", "dev", "--person", "ada"]
    with (home / "log").open("w") as log, subprocess.Popen(arguments, env=environment, stderr=log) as process:
        try:
            _wait_for(home, process)
            yield home
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def curl(part: Callable[[str], Path]) -> Path:
    """The program of the guide's examples."""
    return part("curl")


def _wait_for(home: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with BrokerClient(f"unix:{home}/state/broker/launch.sock", timeout=1) as client:
                client.tasks()
            return
        except Unreachable:
            time.sleep(0.1)
    pytest.fail((home / "log").read_text())


def shell(home: Path, command: str) -> str:
    """Standard output of a line of the guide, after the guide's own definition of SOCK."""
    script = f"{block('SOCK=').splitlines()[0]}\n{command}"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "SECRETGUARD_HOME": str(home)}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.usefixtures("curl")
def test_every_curl_line_is_answered(home: Path) -> None:
    """Each prints a JSON document that is no problem document, in the order of the page."""
    assert len(CURL) == 7
    for line in CURL:
        answer = json.loads(shell(home, line))
        assert "title" not in answer, line
    assert json.loads(shell(home, CURL[2]))["bootstrap"]


@pytest.mark.usefixtures("curl")
def test_a_token_is_sent_by_the_printed_line(home: Path) -> None:
    """The bearer token of a made-up person identifies them, and is on no command line."""
    line = block("printf").replace("ada.token", f"{home}/state/broker/keys/people/ada.token")
    assert json.loads(shell(home, line)) == {"approvals": []}


def test_the_python_example_runs(home: Path) -> None:
    """It gets a token and a receipt for it."""
    names: dict[str, object] = {"endpoint": f"unix:{home}/state/broker/launch.sock"}
    exec(block("from broker.client"), names)  # the guide's own text, that is the point
    assert str(names["token"]).count(".") == 2
    assert len(names["receipt"].lines) == 1  # type: ignore[attr-defined]


def test_the_task_policy_example_is_one(tmp_path: Path) -> None:
    """The loader takes it as it stands."""
    path = tmp_path / "migrate.toml"
    path.write_text(block('name = "migrate"'))
    assert [grant.name for grant in load_file(path).grants] == ["db"]


def test_the_issuers_of_the_guide_are_what_the_configuration_takes() -> None:
    """Every `[[issuers]]` example of the page on logging in, machines marked as such."""
    found = re.findall(r"(?m)(?:^    .*\n)+", GUIDE.with_name("login.md").read_text())
    texts = [textwrap.dedent(one) for one in found if "[[issuers]]" in one]
    issuers = [Issuer.model_validate(tomllib.loads(one)["issuers"][0]) for one in texts]
    assert [one.people for one in issuers] == [True, False, False, False, False]
    assert all(one.trusted().claims for one in issuers)


def test_the_grants_of_the_guide_are_what_the_sources_take(tmp_path: Path) -> None:
    """Every `[grants...]` example of the page on sources, through the loader and the check of its source."""
    found = re.findall(r"(?m)(?:^    .*\n)+", GUIDE.with_name("sources.md").read_text())
    grants = [textwrap.dedent(one) for one in found if one.startswith("    [grants.")]
    head = 'name = "page"\nenvironment = "staging"\ndeadline = 3600\nlaunchers = ["unix:*"]\n'
    sources = set()
    for text in grants:
        (tmp_path / "page.toml").write_text(head + text)
        policy = load_file(tmp_path / "page.toml")
        require_known({"page": policy}, NAMES)
        sources |= {grant.source for grant in policy.grants}
    assert sources == set(NAMES)


def test_the_aws_and_github_tables_of_the_guide_are_what_the_configuration_takes() -> None:
    """And those at the top of the modules that read them."""
    pages = (GUIDE.with_name("sources.md").read_text(), aws_config.__doc__ or "", github_config.__doc__ or "")
    tables = [re.findall(rf"(?m)^ *\[{name}\]\n(?:^ *\w+ = .*\n)+", page) for page in pages for name in MODELS]
    for text in (one for found in tables for one in found):
        ((name, values),) = tomllib.loads(textwrap.dedent(text)).items()
        MODELS[name].model_validate(values)
    assert [len(found) for found in tables] == [1, 1, 1, 0, 0, 1]
