"""Which policy is in force where: who may say what, and how a change is noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from secretguard.audit import reader
from secretguard.errors import GuardError
from secretguard.policy import compiled, layers, refresh
from secretguard.policy.layers import in_force, note_path
from secretguard.policy.request import Request
from tests.secretguard.policy.cloned import LABELS, RULE, clone, commit, git, upstream
from tests.secretguard.policy.sets import RULES, policy_set

ROOT = str(Path(__file__).parents[3])
RUN = Request("run", "plain", "staging", "internal")
FORBID = '@id("no-writes") @reason("No.") @way_on("read.") forbid (principal, action == Action::"write", resource);\n'


@pytest.fixture(autouse=True)
def managed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for /etc/secretguard/policy; empty until a test writes it."""
    monkeypatch.setattr(compiled, "MANAGED", str(tmp_path / "etc"))
    return tmp_path / "etc"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone whose protected branch has a layer."""
    return clone(upstream(tmp_path / "up", rules=RULE, facts=LABELS), tmp_path / "project")


def recorded(home: Path, event: str) -> list[dict[str, object]]:
    folder = home / "state" / "audit"
    return [dict(r) for r in reader.records(str(folder)) if r["event"] == event] if folder.exists() else []


def test_the_default_alone(tmp_path: Path) -> None:
    """Without layers it is the packaged pack, with the digest that it has everywhere."""
    policy = in_force(str(tmp_path))
    assert policy.digest == compiled.load(compiled.packaged("laptop")).digest
    assert [layer[0] for layer in policy.standing.layers] == ["packaged"]


def test_a_repository_tightens_rules_and_labels(project: Path) -> None:
    """Its forbids and stricter labels count, its rule carries its layer's name; the rest is as before."""
    policy, before = in_force(str(project)), compiled.load(compiled.packaged("laptop"))
    assert [layer[0] for layer in policy.standing.layers] == ["packaged", "repository"]
    assert (policy.decide(RUN).outcome, policy.decide(RUN).rule) == ("deny", "repository/no-staging-runs")
    assert policy.environment(str(project)) == "staging"
    assert policy.data_class("/x/y.vault") == "secret"
    assert policy.environment("/elsewhere") == "development"
    write = Request("write", "plain", "staging", "internal")
    assert repr(policy.decide(write)) == repr(before.decide(write))


def test_a_repository_cannot_loosen(tmp_path: Path) -> None:
    """A permit, a laxer default, a lax label, observe mode, owners: said with its line, and without effect."""
    permit = '@id("all") @reason("All.")\npermit (principal, action, resource);\n'
    facts = (
        'version = 1\n[environment]\ndefault = "sandbox"\nsandbox = ["/**"]\n[data]\npublic = ["**/*.env"]\n'
        '[observe]\nuntil = 2020-01-01\n[owners]\nsecurity = ["jwt:i:mallory"]\n'
    )
    project = clone(upstream(tmp_path / "up", rules=permit, facts=facts), tmp_path / "project")
    policy, before = in_force(str(project)), compiled.load(compiled.packaged("laptop"))
    for request in examples():
        assert policy.decide(request).outcome == before.decide(request).outcome
    assert policy.environment("/x") == "development"
    assert policy.data_class("/x/.env") == "secret"
    assert (policy.observe_until, policy.facts["owners"]) == ("", before.facts["owners"])
    said = "\n".join(policy.standing.notes)
    for words in (
        "rules.cedar:1: all permits",
        "facts.toml:4: environment.sandbox",
        "facts.toml:6: data.public",
        "facts.toml:8: observe.until",
        "facts.toml:10: owners.security",
        "environment.default = sandbox is laxer than development",
    ):
        assert words in said


def examples() -> list[Request]:
    from secretguard.policy.examples import expand

    return expand("*/*/*/*")


def test_no_layer_below_makes_any_decision_laxer(tmp_path: Path) -> None:
    """The strictest pack as a repository's layer, under the laxest: never laxer, in no cell and for no path."""
    packs = Path(compiled.packaged(""))
    texts = {
        name: (packs / "regulated" / file).read_text()
        for name, file in (("rules", "rules.cedar"), ("facts", "facts.toml"))
    }
    project = clone(upstream(tmp_path / "up", **texts), tmp_path / "project")
    policy, before = in_force(str(project)), compiled.load(compiled.packaged("laptop"))
    order = ("allow", "ask", "two_persons", "deny")
    tighter = 0
    for request in examples():
        mine, base = (order.index(p.decide(request).outcome) for p in (policy, before))
        assert mine >= base
        tighter += mine > base
    assert tighter > 50
    assert policy.environment("/anywhere") == "production"


@pytest.mark.skipif(os.geteuid() != 0, reason="the managed folder must belong to root")
def test_under_an_organisation_the_user_can_only_forbid(managed: Path, own_home: Path, project: Path) -> None:
    """Three layers: the organisation's is the base, the repository's and the user's own add denials."""
    policy_set(managed)
    own = own_home / "config" / "policy"
    own.mkdir(parents=True)
    (own / "rules.cedar").write_text(FORBID + RULES.split("\n\n", 3)[3])  # and a permit, which does not count
    policy = in_force(str(project))
    assert [layer[0] for layer in policy.standing.layers] == ["organisation", "repository", "user"]
    assert policy.decide(Request("write", "plain", "production", "internal")).rule == "user/no-writes"
    assert policy.decide(RUN).rule == "repository/no-staging-runs"
    assert policy.decide(Request("run", "reveal", "staging", "internal")).rule == "never"
    assert policy.decide(Request("push", "plain", "staging", "internal")).rule == "default"
    assert any("work permits" in note for note in policy.standing.notes)


def test_a_layer_of_facts_alone_and_one_of_rules_alone(tmp_path: Path) -> None:
    """A layer that tightens needs only what it has to say."""
    for name, files in (("rules", {"rules": RULE}), ("facts", {"facts": LABELS})):
        project = clone(upstream(tmp_path / f"up-{name}", **files), tmp_path / "of" / name / "project")
        policy = in_force(str(project))
        assert policy.standing.faults == []
        assert (policy.decide(RUN).outcome == "deny") is (name == "rules")
        assert (policy.environment(str(project)) == "staging") is (name == "facts")


def test_tool_calls_go_by_the_note_and_a_prompt_looks_anew(project: Path, tmp_path: Path, own_home: Path) -> None:
    """A branch that an agent moves decides nothing before a person spoke; then it is recorded, with its direction."""
    assert in_force(str(project)).decide(RUN).outcome == "deny"
    empty = git(project, "commit-tree", git(project, "mktree"), "-m", "nothing")
    git(project, "update-ref", "refs/remotes/origin/main", empty)
    assert in_force(str(project)).decide(RUN).outcome == "deny"
    assert in_force(str(project), look=True).decide(RUN).outcome == "allow"
    (record,) = recorded(own_home, "policy:set:changed")
    assert (record["direction"], record["labels_changed"], record["project"]) == ("loosens", True, str(project))


def test_a_change_upstream_counts_from_the_next_prompt_on(project: Path, tmp_path: Path) -> None:
    """After a fetch; nothing is compiled where nothing moved."""
    in_force(str(project))
    commit(tmp_path / "up", rules=RULE.replace('Action::"run"', 'Action::"write"'))
    git(project, "fetch", "-q")
    policy = in_force(str(project), look=True)
    assert policy.decide(RUN).outcome == "allow"
    assert policy.decide(Request("write", "plain", "staging", "internal")).outcome == "deny"


def test_without_a_change_nothing_is_looked_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second call answers from the note and the table."""
    in_force(str(project))
    monkeypatch.setattr(refresh, "refresh", lambda *_: pytest.fail("looked up again"))
    assert in_force(str(project)).decide(RUN).outcome == "deny"
    assert in_force(str(project), look=True).decide(RUN).outcome == "deny"


@pytest.mark.parametrize("damage", ["note", "table", "both", "state"])
def test_what_is_damaged_or_gone_is_made_again(project: Path, own_home: Path, damage: str) -> None:
    """Note and table carry their own digests; neither is ever believed by halves."""
    in_force(str(project))
    note = Path(note_path(str(project)))
    if damage == "state":
        for path in (own_home / "state" / "policy").iterdir():
            path.unlink()
    if damage in ("note", "both"):
        note.write_bytes(note.read_bytes()[:-3])
    if damage in ("table", "both"):
        for path in (own_home / "cache").glob("policy-*.table"):
            path.write_bytes(path.read_bytes().replace(b'"deny"', b'"ask" ', 1))
    assert in_force(str(project)).decide(RUN).outcome == "deny"
    assert note.exists()


def broken(home: Path) -> Path:
    """The user's own policy, good once and broken now."""
    own = policy_set(home / "config" / "policy")
    in_force("/")
    policy_set(own, RULES.replace('Effect::"reveal"', 'Effect::"reveel"'))
    return own


def test_a_broken_base_leaves_the_last_good_one(own_home: Path) -> None:
    """Its decisions stand, with the fault by file and line; that is recorded once, and mending it ends it."""
    own = broken(own_home)
    for _ in range(3):
        policy = in_force("/")
        assert policy.decide(Request("run", "reveal", "staging", "internal")).rule == "never"
        (fault,) = policy.standing.faults
        assert fault.startswith(f"{own}/rules.cedar:2: ")
    assert len(recorded(own_home, "policy:set:broken")) == 1
    policy_set(own)
    assert in_force("/").standing.faults == []


def test_the_last_good_one_is_the_last(own_home: Path) -> None:
    """Good, broken, good otherwise, broken again in the same way: the later good one stands."""
    own = broken(own_home)
    bad = (own / "rules.cedar").read_text()
    assert in_force("/").decide(Request("run", "plain", "production", "internal")).outcome == "ask"
    policy_set(own, RULES.replace(">= 1", ">= 2"))
    assert in_force("/").decide(Request("run", "plain", "production", "internal")).outcome == "two_persons"
    (own / "rules.cedar").write_text(bad)
    policy = in_force("/")
    assert policy.standing.faults
    assert policy.decide(Request("run", "plain", "production", "internal")).outcome == "two_persons"


@pytest.mark.parametrize("how", ["gone", "oversized", "writable", "not UTF-8", "folder"])
def test_a_base_that_cannot_be_read_is_broken_too(own_home: Path, how: str) -> None:
    """Whatever happens to the files, the last good policy stands and the reason is said."""
    own = policy_set(own_home / "config" / "policy")
    in_force("/")
    rules = own / "rules.cedar"
    if how in ("gone", "folder"):
        rules.unlink()
    if how == "folder":
        rules.mkdir()
    if how == "oversized":
        rules.write_bytes(b"/" * 300_000)
    if how == "not UTF-8":
        rules.write_bytes(b"\xff")
    if how == "writable":
        rules.chmod(0o666)
    policy = in_force("/")
    assert policy.standing.faults
    assert policy.decide(Request("run", "reveal", "staging", "internal")).outcome == "deny"


def test_a_base_that_was_never_good_is_an_error(own_home: Path) -> None:
    """Nothing is known to be allowed then: the guard refuses."""
    policy_set(own_home / "config" / "policy", "nonsense")
    with pytest.raises(GuardError, match=r"rules\.cedar:1: "):
        in_force("/")


def test_a_failing_example_breaks_a_policy(own_home: Path) -> None:
    """The examples are part of what must hold, and are looked at again with the next prompt."""
    own = policy_set(own_home / "config" / "policy")
    in_force("/")
    wrong = '[[example]]\nrequest = "run/reveal/staging/internal"\noutcome = "allow"\n'
    policy_set(own, RULES + "\n", examples=wrong)
    assert "examples.toml:1" in in_force("/").standing.faults[0]
    (own / "examples.toml").unlink()
    assert in_force("/", look=True).standing.faults == []


def test_a_broken_layer_of_a_repository(project: Path, tmp_path: Path, own_home: Path) -> None:
    """Its last good form stands; one that was never good forbids nothing, and both are faults."""
    in_force(str(project))
    commit(tmp_path / "up", rules="forbid (")
    git(project, "fetch", "-q")
    policy = in_force(str(project), look=True)
    assert policy.decide(RUN).rule == "repository/no-staging-runs"
    assert "origin/HEAD@" in policy.standing.faults[0]
    fresh = clone(tmp_path / "up", tmp_path / "fresh")
    policy = in_force(str(fresh))
    assert policy.decide(RUN).outcome == "allow"
    assert "rules.cedar:1" in policy.standing.faults[0]


def test_a_repository_with_many_patterns_is_refused(tmp_path: Path) -> None:
    """Whoever cloned it did not write them, and every hook would pay."""
    many = json.dumps([f"**/{n}" for n in range(201)])
    project = clone(upstream(tmp_path / "up", facts=f"version = 1\n[data]\nsecret = {many}\n"), tmp_path / "project")
    assert "201 patterns, more than 200" in in_force(str(project)).standing.faults[0]


def test_a_full_disk_leaves_decisions(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither note nor table can be kept: each call looks up again, and decides."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    for _ in range(2):
        assert in_force(str(project)).decide(RUN).outcome == "deny"


def worker(project: Path, home: Path) -> subprocess.Popen[str]:
    code = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from secretguard.policy.layers import in_force\n"
        "from secretguard.policy.request import Request\n"
        f"print(in_force({str(project)!r}, look=True).decide(Request('run', 'plain', 'staging', 'internal')).outcome)\n"
    )
    environment = {**os.environ, "SECRETGUARD_HOME": str(home)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def test_processes_that_compile_at_once_agree(project: Path, own_home: Path) -> None:
    """Nobody reads half a table, and the note that is left is whole."""
    started = [worker(project, own_home) for _ in range(6)]
    assert [process.communicate(timeout=60)[0].strip() for process in started] == ["deny"] * 6
    assert in_force(str(project)).decide(RUN).outcome == "deny"
    assert not list((own_home / "cache").glob("*.new"))


def test_a_process_that_is_killed_while_compiling_leaves_nothing_behind(project: Path, own_home: Path) -> None:
    """At whatever moment: the next one decides the same."""
    for number in range(8):
        process = worker(project, own_home)
        time.sleep(0.05 + 0.06 * number)
        process.kill()
        process.communicate(timeout=60)
        for path in (own_home / "cache").glob("policy-*.table"):
            path.unlink()
        assert in_force(str(project)).decide(RUN).outcome == "deny"


def test_an_edit_in_the_middle_of_compiling_is_seen_by_the_next_call(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read is what the table is named by."""
    own = policy_set(own_home / "config" / "policy")
    built = refresh._built

    def edited(*words: object) -> object:
        policy_set(own, RULES.replace(">= 1", ">= 2"))
        return built(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(refresh, "_built", edited)
    request = Request("run", "plain", "production", "internal")
    assert in_force("/").decide(request).outcome == "ask"
    monkeypatch.setattr(refresh, "_built", built)
    assert in_force("/").decide(request).outcome == "two_persons"


def test_the_digest_of_a_set_tells_layers_apart() -> None:
    """The same layer under another name, or none, is another set."""
    from secretguard.policy.source import Source

    one = Source("user", "/a", b"x", b"y")
    sets = [([one], ""), ([one], "r"), ([one, one], ""), ([Source("organisation", "/a", b"x", b"y"), one], "")]
    assert len({layers.set_digest(folders, repository) for folders, repository in sets}) == 4
    assert layers.set_digest([one], "") == one.digest == compiled.source_digest(b"x", b"y")


@pytest.mark.parametrize(("outcome", "good"), [("deny", True), ("ask", False)])
def test_examples_of_a_layer_are_run_when_it_is_read(tmp_path: Path, outcome: str, good: bool) -> None:
    """Against the layer by itself: an example that fails refuses it."""
    examples_file = f'[[example]]\nrequest = "run/*/staging/*"\noutcome = "{outcome}"\nrule = "no-staging-runs"\n'
    examples_file += '[[example]]\nrequest = "read/*/*/*"\noutcome = "allow"\n'
    more = {".secretguard/policy/examples.toml": examples_file}
    project = clone(upstream(tmp_path / "up", rules=RULE, **more), tmp_path / "project")
    faults = in_force(str(project)).standing.faults
    assert (faults == []) is good
    assert good or ".secretguard/policy/examples.toml:1: " in faults[0]


@pytest.mark.parametrize("pack", ["laptop", "team", "regulated"])
def test_a_copy_of_a_pack_is_a_good_layer(tmp_path: Path, pack: str) -> None:
    """With its examples: they see the pack as it is written, permits included."""
    folder = Path(compiled.packaged(pack))
    files = {f".secretguard/policy/{path.name}": path.read_text() for path in folder.iterdir()}
    project = clone(upstream(tmp_path / "up", **files), tmp_path / "project")
    assert in_force(str(project)).standing.faults == []
