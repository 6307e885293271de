"""The shipped packs, as a policy document that runs."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from secretguard.policy.cedar import DEFAULT, rules_of
from secretguard.policy.compiled import compile_set, packaged
from secretguard.policy.difference import changes, direction
from secretguard.policy.examples import expand
from secretguard.policy.request import ACTIONS, DATA, EFFECTS, ENVIRONMENTS, OUTCOMES
from secretguard.policy.shipped import PACKS
from secretguard.policy.table import Policy


@pytest.fixture(scope="module", params=list(PACKS))
def pack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """Each shipped pack, compiled with its examples."""
    before = os.environ.get("SECRETGUARD_HOME")
    os.environ["SECRETGUARD_HOME"] = str(tmp_path_factory.mktemp("home"))
    try:
        return compile_set(packaged(request.param))
    finally:
        if before is None:
            del os.environ["SECRETGUARD_HOME"]
        else:
            os.environ["SECRETGUARD_HOME"] = before


def severity(policy: Policy, cell: str) -> int:
    (request,) = expand(cell)
    return OUTCOMES.index(policy.decide(request).outcome)


def test_packs_come_with_their_source_folder() -> None:
    """The packs are package data, and the default one is among them, each with rules, facts and examples."""
    assert set(PACKS) == {path.name for path in Path(packaged("")).iterdir() if path.is_dir()}
    for name in PACKS:
        assert {path.name for path in Path(packaged(name)).iterdir()} >= {"rules.cedar", "facts.toml", "examples.toml"}


def test_each_refusal_names_a_way_on(pack: Policy) -> None:
    """Whoever is stopped, asked or sent to a second person reads what to do instead."""
    for request in expand("*/*/*/*"):
        decision = pack.decide(request)
        if decision.outcome != "allow":
            assert " Way on: " in decision.reason, request.cell


def test_no_rule_is_dead() -> None:
    """A rule that decides nothing is a sentence that misleads its reader."""
    for name in PACKS:
        policy = compile_set(packaged(name))
        text = (Path(packaged(name)) / "rules.cedar").read_text("utf-8")
        deciding = {policy.decide(request).rule for request in expand("*/*/*/*")}
        assert {rule.id for rule in rules_of(text, name)} | {DEFAULT.rule} == deciding, name


def test_printing_a_secret_is_never_allowed(pack: Policy) -> None:
    """No environment and no number of approvals releases a secret through a command's output."""
    for request in expand("run/reveal/*/secret"):
        assert pack.decide(request).outcome == "deny"


def test_secrets_are_never_sent(pack: Policy) -> None:
    """Data labelled secret leaves the machine by no command."""
    for request in expand("run/send/*/secret"):
        assert pack.decide(request).outcome == "deny"


def test_credentials_for_customer_data_take_two_persons(pack: Policy) -> None:
    """Wherever a task runs, customer data is never one person's decision."""
    for action in ("start_task", "issue"):
        for request in expand(f"{action}/plain/*/customer"):
            assert pack.decide(request).outcome == "two_persons"


def test_nothing_changes_in_production_without_a_person(pack: Policy) -> None:
    """In production only plain reading goes on by itself."""
    for request in expand("*/*/production/*"):
        if pack.decide(request).outcome == "allow":
            assert (request.action, request.effect) == ("read", "plain")


def test_destruction_outside_of_a_sandbox_is_never_silent(pack: Policy) -> None:
    """What cannot be undone is asked, wherever something could be lost that others need."""
    for request in expand("*/destroy/*/*"):
        if request.environment != "sandbox":
            assert pack.decide(request).outcome != "allow"


def test_stricter_environments_are_never_laxer(pack: Policy) -> None:
    """From sandbox to development to staging to production, the outcome only gets stricter."""
    for action in ACTIONS:
        for effect in EFFECTS:
            for data in DATA:
                found = [severity(pack, f"{action}/{effect}/{environment}/{data}") for environment in ENVIRONMENTS]
                assert found == sorted(found), (action, effect, data)


def test_customer_data_is_never_laxer_than_internal(pack: Policy) -> None:
    """The label customer tightens every decision or leaves it."""
    for action in ACTIONS:
        for effect in EFFECTS:
            for environment in ENVIRONMENTS:
                at = f"{action}/{effect}/{environment}"
                assert (
                    severity(pack, f"{at}/customer")
                    >= severity(pack, f"{at}/internal")
                    >= severity(pack, f"{at}/public")
                )


def test_each_pack_is_stricter_than_the_one_before() -> None:
    """laptop, team, regulated: no decision of the later one is laxer, and some are stricter."""
    packs = [compile_set(packaged(name)) for name in ("laptop", "team", "regulated")]
    for laxer, stricter in itertools.pairwise(packs):
        assert direction(changes(laxer, stricter)) == "tightens"


def test_unlabelled_means_development_at_work_and_production_under_regulation() -> None:
    """The default label: a laptop's and a team's day-to-day work is not production until somebody says so."""
    assert compile_set(packaged("laptop")).environment("/home/dev/new") == "development"
    assert compile_set(packaged("team")).environment("/home/dev/new") == "development"
    assert compile_set(packaged("regulated")).environment("/home/dev/new") == "production"


@pytest.mark.parametrize(
    "path", [".env", ".env.production", "x.pem", ".netrc", "main.tfstate", "id_ed25519", "prod.env"]
)
def test_usual_secret_files_are_labelled(pack: Policy, path: str) -> None:
    """Files that usually hold secrets are labelled without configuration."""
    assert pack.data_class(f"/home/dev/app/{path}") == "secret"


@pytest.mark.parametrize("path", [".env.example", "main.py", "README.md", "environment.py"])
def test_templates_and_code_are_not(pack: Policy, path: str) -> None:
    """A template and ordinary code stay readable as they are."""
    assert pack.data_class(f"/home/dev/app/{path}") != "secret"
