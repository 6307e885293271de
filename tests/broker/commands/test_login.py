"""The commands around a login (the whole of it is in `tests/broker/login/test_whole.py`)."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from broker.authenticate.login import Login
from broker.cli import cli
from broker.commands import login
from secretguard.errors import ConfigError

ONE, TWO = Login("https://one.example", "c"), Login("https://two.example", "c")


def test_the_issuer_is_the_only_one_or_the_one_named() -> None:
    """Several without a word, none, an unknown one, and one that is no address are errors that say what to do."""
    assert login.choose([ONE], None) == ONE
    assert login.choose([ONE, TWO], "https://two.example") == TWO
    for offers, issuer, told in (
        ([ONE, TWO], None, "--issuer"),
        ([ONE, TWO], "https://three.example", "one of: https://one.example, https://two.example"),
        ([], None, "offers no login"),
        ([Login("http://elsewhere.example", "c")], None, "no https"),
        ([Login("https://a\x1b[2J", "c")], None, "no https"),
    ):
        with pytest.raises(ConfigError) as caught:
            login.choose(offers, issuer)
        assert told in f"{caught.value} {caught.value.fix}"


def test_logging_out_of_nothing_is_no_error() -> None:
    """It says so."""
    done = CliRunner().invoke(cli, ["logout", "--broker", "https://broker.example"])
    assert (done.exit_code, done.output) == (0, "you were not logged in\n")


def test_where_there_is_no_browser_the_address_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, with what else to try; `--no-browser` does not even try."""
    opened: list[str] = []

    def none(address: str) -> bool:
        opened.append(address)
        raise login.webbrowser.Error

    monkeypatch.setattr(login.webbrowser, "open", none)
    login._opener(no_browser=True)("https://id.example/auth")
    assert not opened
    login._opener(no_browser=False)("https://id.example/auth")
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("https://id.example/auth") == 2
    assert "--device" in told.err
