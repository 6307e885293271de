"""The production gate, driven by real git pushes into a real bare repository."""

from __future__ import annotations

from pathlib import Path

import pytest

import secretguard.policy
from secretguard.errors import GuardError
from secretguard.review.gate import Update, read_updates
from tests.secretguard.review.gated import Gated, gated

PACK = Path(secretguard.policy.__file__).parent / "packs" / "laptop"
PRODUCTION = "deploy/prod/app.yaml"


@pytest.fixture
def place(tmp_path: Path) -> Gated:
    return gated(tmp_path, PACK)


def events(place: Gated) -> list[str]:
    """The journal's lines, as text."""
    return (place.journal / "journal.jsonl").read_text().splitlines()


def propose(place: Gated, text: str = "replicas: 9\n") -> str:
    """An agent's production change, on a branch for review."""
    commit = place.agent.commit(PRODUCTION, text)
    assert place.agent.push("HEAD:refs/heads/review/main").returncode == 0
    return commit


def test_ordinary_change_passes_without_a_review(place: Gated) -> None:
    """A push that touches no production path goes through, fast and unasked."""
    place.agent.commit("src/app.py", "print('hello')\n")
    assert place.agent.push().returncode == 0


def test_production_change_is_refused_and_says_the_way_on(place: Gated) -> None:
    """A push that touches a production path without a review is refused with path, tree and the next commands."""
    commit = place.agent.commit(PRODUCTION, "replicas: 9\n")
    done = place.agent.push()
    assert done.returncode != 0
    tree = place.agent.git("rev-parse", f"{commit}^{{tree}}").stdout.strip()
    for said in (PRODUCTION, tree, "secretguard gate review", "review/main"):
        assert said in done.stderr
    assert '"gate:push:refused"' in events(place)[-1]


def test_review_of_exactly_this_tree_opens_the_gate(place: Gated) -> None:
    """After another person's signed review of the same tree and base, the same push is accepted and recorded."""
    commit = propose(place)
    assert place.agent.push().returncode != 0
    done = place.reviewer.review(commit)
    assert done.returncode == 0, done.stderr
    assert place.agent.push().returncode == 0
    last = events(place)[-1]
    assert '"gate:push:accepted"' in last
    assert "reviewer@example.com" in last
    assert any('"gate:review:recorded"' in line for line in events(place))


def test_one_changed_byte_after_the_review_voids_it(place: Gated) -> None:
    """A review does not carry a tree that differs from the reviewed one."""
    assert place.reviewer.review(propose(place)).returncode == 0
    place.agent.commit(PRODUCTION, "replicas: 10\n")
    assert place.agent.push().returncode != 0


def test_review_does_not_carry_a_rollback(place: Gated) -> None:
    """A tree that was reviewed once cannot be pushed again later on another base: base and tree are both bound."""
    first = propose(place)
    assert place.reviewer.review(first).returncode == 0
    assert place.agent.push().returncode == 0
    second = propose(place, "replicas: 2\n")
    assert place.reviewer.review(second).returncode == 0
    assert place.agent.push().returncode == 0
    place.agent.commit(PRODUCTION, "replicas: 9\n", "back to the first tree")
    done = place.agent.push()
    assert done.returncode != 0
    assert "base is" in done.stderr
    assert place.agent.push(f"+{first}:main").returncode != 0


def test_author_cannot_review_their_own_change(place: Gated) -> None:
    """A reviewer's key does not count for a change that the reviewer wrote."""
    commit = place.reviewer.git("rev-parse", "FETCH_HEAD", check=False)
    place.reviewer.git("checkout", "-q", "-b", "work", "origin/main")
    own = place.reviewer.commit(PRODUCTION, "replicas: 7\n")
    assert place.reviewer.git("push", "-q", "origin", "HEAD:refs/heads/review/main").returncode == 0, commit.stderr
    assert place.reviewer.review(own).returncode == 0
    done = place.reviewer.push()
    assert done.returncode != 0
    assert "cannot review it" in done.stderr


def test_review_by_an_unlisted_key_is_refused(place: Gated) -> None:
    """The agent's own key signs nothing: the push of its review is refused."""
    done = place.agent.review(propose(place))
    assert done.returncode != 0
    assert "not by a reviewer" in done.stderr


def test_forged_and_damaged_reviews_are_refused(place: Gated) -> None:
    """A review whose text was changed after signing, or that is no statement at all, never enters the server."""
    commit = propose(place)
    assert place.reviewer.review(commit).returncode == 0
    tree = place.agent.git("rev-parse", f"{commit}^{{tree}}").stdout.strip()
    place.agent.git("fetch", "-q", "origin", "+refs/secretguard/reviews/*:refs/stolen/*")
    name = place.agent.git("for-each-ref", "--format=%(refname)", "refs/stolen").stdout.split()[0]
    stored = place.agent.git("cat-file", "blob", name).stdout
    other = place.agent.commit(PRODUCTION, "replicas: 66\n")
    forged_tree = place.agent.git("rev-parse", f"{other}^{{tree}}").stdout.strip()
    (place.agent.clone / "forged").write_text(stored.replace(tree, forged_tree))
    (place.agent.clone / "empty").write_text("")
    for file in ("forged", "empty"):
        blob = place.agent.git("hash-object", "-w", file).stdout.strip()
        done = place.agent.push(f"{blob}:refs/secretguard/reviews/{forged_tree}/x")
        assert done.returncode != 0
    assert place.agent.push().returncode != 0


def test_reviews_cannot_be_deleted_or_replaced_and_identity_not_touched(place: Gated) -> None:
    """Nothing below refs/secretguard/ can be changed by a push except by adding a valid review."""
    assert place.reviewer.review(propose(place)).returncode == 0
    ref = place.reviewer.git("ls-remote", "origin", "refs/secretguard/reviews/*").stdout.split()[1]
    assert place.agent.push(f":{ref}").returncode != 0
    assert place.agent.push("HEAD:refs/secretguard/repository").returncode != 0
    assert place.agent.push(":refs/secretguard/repository").returncode != 0


def test_hidden_intermediate_change_is_seen(place: Gated) -> None:
    """A production change that a later commit of the same push takes back still needs a review."""
    place.agent.commit(PRODUCTION, "replicas: 0\n")
    place.agent.commit(PRODUCTION, "replicas: 1\n")
    assert place.agent.push().returncode != 0


def test_evil_merge_is_seen(place: Gated) -> None:
    """A merge commit that changes a production path which neither parent changed needs a review."""
    place.agent.git("checkout", "-q", "-b", "side")
    place.agent.commit("side.txt", "x\n")
    place.agent.git("checkout", "-q", "main")
    place.agent.commit("other.txt", "y\n")
    place.agent.git("merge", "-q", "--no-commit", "--no-ff", "side")
    (place.agent.clone / PRODUCTION).write_text("replicas: 5\n")
    place.agent.git("commit", "-q", "-a", "-m", "merge")
    assert place.agent.push().returncode != 0


def test_merged_and_taken_back_change_inside_a_merge_is_seen(place: Gated) -> None:
    """A production change made on a side branch and merged in is part of the push."""
    place.agent.git("checkout", "-q", "-b", "side")
    place.agent.commit(PRODUCTION, "replicas: 3\n")
    place.agent.git("checkout", "-q", "main")
    place.agent.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert place.agent.push().returncode != 0


def test_protected_branch_cannot_be_deleted_and_renames_count(place: Gated) -> None:
    """Deleting the branch is refused; moving a production file away is a change of it."""
    assert place.agent.push(":main").returncode != 0
    place.agent.git("mv", PRODUCTION, "app.yaml")
    place.agent.git("commit", "-q", "-m", "move")
    assert place.agent.push().returncode != 0


def test_repository_adds_paths_and_cannot_take_its_list_away(place: Gated) -> None:
    """`.secretguard/production-paths` on the old tip counts; changing it needs a review itself."""
    commit = place.agent.commit(".secretguard/production-paths", "infra/**\n")
    assert place.agent.push().returncode != 0
    assert place.agent.push("HEAD:refs/heads/review/main").returncode == 0
    assert place.reviewer.review(commit).returncode == 0
    assert place.agent.push().returncode == 0
    place.agent.git("rm", "-q", ".secretguard/production-paths")
    place.agent.git("commit", "-q", "-m", "drop the list")
    place.agent.commit("infra/main.tf", "x\n")
    done = place.agent.push()
    assert done.returncode != 0
    assert "infra/main.tf" in done.stderr


def test_push_is_refused_when_the_record_cannot_be_written(place: Gated) -> None:
    """No record, no push: a journal folder that cannot be made refuses even a harmless change."""
    (place.server / "secretguard" / "audit").write_text("in the way")
    place.agent.commit("src/app.py", "print('hello')\n")
    assert place.agent.push().returncode != 0


def test_push_is_refused_when_policy_is_broken(place: Gated) -> None:
    """A policy that cannot be read refuses the push and names the file."""
    policy = place.server.parent / "policy"
    (policy / "facts.toml").write_text("this is not toml")
    place.agent.commit("src/app.py", "print('hello')\n")
    done = place.agent.push()
    assert done.returncode != 0
    assert "facts.toml" in done.stderr


def test_other_branches_are_free_unless_named(tmp_path: Path) -> None:
    """Only HEAD's branch and the named globs are protected."""
    place = gated(tmp_path, PACK, protect=("release/*",))
    place.agent.commit(PRODUCTION, "replicas: 9\n")
    assert place.agent.push("HEAD:refs/heads/feature").returncode == 0
    assert place.agent.push("HEAD:refs/heads/release/1").returncode != 0


def test_review_needs_two_people_where_policy_says_so(place: Gated) -> None:
    """With a policy that demands two persons, one review is not enough and two are."""
    policy = place.server.parent / "policy"
    with (policy / "rules.cedar").open("a") as file:
        file.write(
            '\n@id("test-two")\n@reason("two people review production")\n@way_on("ask a second reviewer")\n'
            'forbid (principal, action == Action::"push", resource) when { context.approvals < 2 };\n'
        )
    commit = propose(place)
    assert place.reviewer.review(commit).returncode == 0
    assert "one more person" in place.agent.push().stderr
    assert place.second.review(commit).returncode == 0
    done = place.agent.push()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", ["", "a b", "0 1 refs/heads/x", f"{'0' * 40} {'1' * 40} heads/x", f"{'0' * 40}"])
def test_unreadable_update_is_an_error(line: str) -> None:
    """What git never sends is refused, not skipped."""
    with pytest.raises(GuardError):
        read_updates([line])


def test_updates_are_capped() -> None:
    """A push with more refs than the cap is refused before git is asked anything."""
    line = f"{'0' * 40} {'1' * 40} refs/heads/x\n"
    with pytest.raises(GuardError):
        read_updates([line] * 1001)
    assert read_updates([line]) == [Update("0" * 40, "1" * 40, "refs/heads/x")]


def test_a_written_policy_in_the_repository_needs_a_review(place: Gated) -> None:
    """Its rules, and from then on what stands beside them; a task file elsewhere is an ordinary file."""
    place.agent.commit("tasks/build.toml", "x = 1\n")
    assert place.agent.push().returncode == 0
    commit = place.agent.commit("policy/rules.cedar", "permit (principal, action, resource);\n")
    assert "policy/rules.cedar" in place.agent.push().stderr
    assert place.agent.push("HEAD:refs/heads/review/main").returncode == 0
    assert place.reviewer.review(commit).returncode == 0
    assert place.agent.push().returncode == 0
    place.agent.commit("policy/tasks/deploy.toml", "ttl = 9000\n")
    assert "policy/tasks/deploy.toml" in place.agent.push().stderr
