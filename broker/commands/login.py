"""`broker login`, `broker logout`, `broker whoami`: being a person at a broker."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Callable

import click

from broker.authenticate.discovery import is_safe
from broker.authenticate.login import Login
from broker.client import BrokerClient
from broker.commands.connect import client, endpoint_option, endpoint_options, show_json, tls, tls_options, visible
from broker.login import browser, device, kept, provider
from secretguard.errors import ConfigError


@click.command()
@click.option("--device", "by_code", is_flag=True, help="Without a browser here: type a short code on another machine.")
@click.option("--issuer", help="Where to log in, if the broker trusts several.")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@endpoint_option
@tls_options
def login(by_code: bool, issuer: str | None, no_browser: bool, endpoint: str) -> None:
    """Log in at an issuer that the broker trusts, so that this user's commands are you.

    The token is kept in a file of your own (mode 0600), renewed where the issuer offers that, and shown to this broker
    alone. `broker logout` ends it.
    """
    with BrokerClient(endpoint, tls=tls()) as broker:
        offer = choose(broker.logins(), issuer)
    known = provider.find(offer)
    tokens = device.log_in(known, _show_code) if by_code else browser.log_in(known, _opener(no_browser))
    with BrokerClient(endpoint, tokens.token, tls=tls()) as broker:
        found = broker.whoami()  # before it is kept: a login that the broker refuses is none
    kept.keep(kept.Kept(endpoint, offer, tokens))
    click.echo(f"you are {visible(found.get('id'))}")


@click.command()
@endpoint_option
def logout(endpoint: str) -> None:
    """Forget the login at this broker, and have the issuer revoke what renews it."""
    click.echo("logged out" if kept.forget(endpoint) else "you were not logged in")


@click.command()
@endpoint_options
def whoami(endpoint: str, token_file: str | None, form: str) -> None:
    """Show who you are to the broker, and the roles that you have there."""
    with client(endpoint, token_file) as broker:
        found = broker.whoami()
    if form == "json":
        show_json(found)
        return
    for name, value in found.items():
        shown = ", ".join(map(visible, value)) if isinstance(value, list) else visible(value)
        click.echo(f"{name:12} {shown or '-'}")


def choose(offers: list[Login], issuer: str | None) -> Login:
    """The one offer that is meant. Raises ConfigError."""
    fitting = [one for one in offers if issuer in (None, one.issuer)]
    if len(fitting) == 1:
        if not is_safe(fitting[0].issuer):
            raise ConfigError("the broker's issuer is no https address", "see the broker's [[issuers]]")
        return fitting[0]
    have = ", ".join(visible(one.issuer) for one in offers)
    if not offers:
        raise ConfigError("this broker offers no login", "add `login` to one of its [[issuers]]")
    raise ConfigError("say where to log in", f"--issuer one of: {have}")


def _opener(no_browser: bool) -> Callable[[str], None]:
    def show(address: str) -> None:
        click.echo(f"log in at\n\n  {address}\n", err=True)
        if not no_browser and not _open(address):
            click.echo("no browser could be started here: open it yourself, or use --device", err=True)

    return show


def _open(address: str) -> bool:
    """Start the person's browser, whose own words must not end up in this command's output."""
    try:
        sys.stdout.flush()
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False


def _show_code(address: str, code: str) -> None:
    click.echo(f"on any machine, open\n\n  {address}\n\nand type the code {code}", err=True)
