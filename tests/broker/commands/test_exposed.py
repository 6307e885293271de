"""`broker exposed`; what it does at a broker is in `tests/broker/api/test_exposures.py`."""

from __future__ import annotations

from click.testing import CliRunner

from broker.commands.exposed import exposed


def test_the_value_cannot_be_given_as_an_argument() -> None:
    """Arguments are seen by every process of the machine: there is no option for the value, only for its digest."""
    assert CliRunner().invoke(exposed, ["made-up-value", "--where", "x"]).exit_code == 2
    connection = {"endpoint", "token_file", "ca_file", "certificate", "key"}
    assert {option.name for option in exposed.params} == {"where", "sha256", "form"} | connection
