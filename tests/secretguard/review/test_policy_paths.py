"""Which files of a repository are a written policy."""

from __future__ import annotations

from secretguard.review.policy_paths import MAX_FOLDERS, policy_paths

THERE = {"rules.cedar", "ops/policy/rules.cedar"}


def test_a_policy_is_its_rules_and_what_stands_beside_them() -> None:
    """At the root and in a folder; files of the same name elsewhere are none."""
    policy = {
        "rules.cedar",
        "facts.toml",
        "tasks/deploy.toml",
        "ops/policy/examples.toml",
        "ops/policy/tasks/x.toml",
        "new/rules.cedar",
    }
    other = {"src/facts.toml", "src/tasks/x.toml", "tasks/x.py", "ops/policy/README.md", "ops/tasks/x.toml", "x"}
    assert policy_paths([*policy, *other], THERE.__contains__) == policy


def test_a_flood_of_folders_costs_no_flood_of_questions() -> None:
    """Beyond the cap a file of such a name is taken for policy, unasked."""
    asked = []
    paths = [f"d{at}/facts.toml" for at in range(MAX_FOLDERS + 5)]
    found = policy_paths(paths, lambda path: bool(asked.append(path)))
    assert len(asked) == MAX_FOLDERS
    assert found == set(paths[MAX_FOLDERS:])
