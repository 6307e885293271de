"""The hook of another scanner is replaced in place: nothing else in the file changes."""

from __future__ import annotations

import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from secretguard.migrate.plan import TOOLS
from secretguard.migrate.precommit import FILE, HOOKS, OURS, REPOSITORY, Edited, edited, tool

ALL = frozenset(TOOLS)


def change(text: str, baseline: str | None = None, tools: frozenset[str] = ALL) -> Edited:
    return edited(text, tools, "v9.9.9", baseline)


DETECT_SECRETS = """\
# our hooks
default_stages: [pre-commit]
repos:
  - repo: https://github.com/Yelp/detect-secrets   # secrets
    rev: v1.4.0
    hooks:
      - id: detect-secrets
        args: ['--baseline', '.secrets.baseline']   # keep in sync
        exclude: package.lock.json
  - repo: https://github.com/psf/black
    rev: 24.1.0
    hooks:
      - id: black
"""


def test_detect_secrets() -> None:
    """Repository and release change; the hook, its arguments, comments and everything else stay."""
    made = change(DETECT_SECRETS)
    wanted = DETECT_SECRETS.replace("https://github.com/Yelp/detect-secrets", REPOSITORY).replace("v1.4.0", "v9.9.9")
    assert made.text == wanted
    assert made.baselines == (".secrets.baseline",)


GITLEAKS = """\
repos:
- hooks:
  - id: gitleaks # here
  rev: "v8.24.2"
  repo: 'https://github.com/gitleaks/gitleaks.git'
"""


def test_gitleaks_with_a_baseline() -> None:
    """The hook is ours and is given the baseline, in whatever order and quotes the file is written."""
    made = change(GITLEAKS, "base")
    assert made.text == (
        "repos:\n- hooks:\n  - id: secretguard # here\n    args: [--baseline, base]\n"
        f"  rev: v9.9.9\n  repo: {REPOSITORY}\n"
    )
    assert change(GITLEAKS).text.count("args") == 0


@pytest.mark.parametrize(
    ("args", "after"),
    [
        ("        args: ['--config=x.toml', -v]\n", "        args: [--baseline, base]\n"),
        ("        args:\n          - --config=x\n          - -v\n", "        args: [--baseline, base]\n"),
        ("        args:\n        - -v  # loud\n", "        args: [--baseline, base]  # loud\n"),
        ("        args: []\n", "        args: [--baseline, base]\n"),
    ],
)
def test_args_of_another_scanner(args: str, after: str) -> None:
    """Its arguments mean nothing to our hook: they are replaced, and that is said."""
    head = "repos:\n  - repo: https://github.com/zricethezav/gitleaks\n    rev: v8.18.0\n    hooks:\n"
    head += "      - id: gitleaks\n"
    tail = "        verbose: true\n  - repo: local\n    hooks: []\n"
    made = change(head + args + tail, "base")
    new = head.replace("https://github.com/zricethezav/gitleaks", REPOSITORY).replace("v8.18.0", "v9.9.9")
    assert made.text == new.replace("id: gitleaks", "id: secretguard") + after + tail
    assert any("args of gitleaks mean nothing" in note for note in made.notes)


def test_in_one_line() -> None:
    """Flow style is changed in place, too."""
    text = "repos: [{repo: 'https://github.com/gitleaks/gitleaks', rev: v8, hooks: [{id: gitleaks}]}]\n"
    [repo] = yaml.safe_load(change(text, "base").text)["repos"]
    assert repo == {"repo": REPOSITORY, "rev": "v9.9.9", "hooks": [{"id": OURS, "args": ["--baseline", "base"]}]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("repos: [", "it is no YAML"),
        ("- a\n", "no list `repos`"),
        ("", "no list `repos`"),
        ("repos: 3\n", "no list `repos`"),
        (GITLEAKS.replace("id: gitleaks", "id: other"), "the hook other: do it by hand"),
        (GITLEAKS.replace("# here", "\n    entry: gitleaks dir"), "entry of its own: do it by hand"),
        (
            GITLEAKS.replace("- id: gitleaks # here", "[]").replace("hooks:\n  []", "hooks: []"),
            "no hooks: do it by hand",
        ),
        (DETECT_SECRETS.replace("['--base", "['--only-verified', '--base"), "--only-verified is refused"),
        ("a: &a [*a]\n", "not changed"),
        ("repos: " + "[" * 5000, "it is no YAML"),
        ("#" * (1 << 20) + "\n", "longer than"),
    ],
)
def test_what_a_person_has_to_do(text: str, says: str) -> None:
    """What cannot be done in place is left as it is, and said."""
    made = change(text)
    assert any(says in note for note in made.notes)
    if "only-verified" not in says:
        assert made.text == text


def test_only_the_scanners_asked_for() -> None:
    """Other scanners' hooks stay."""
    assert change(GITLEAKS, "base", frozenset({"detect-secrets"})).text == GITLEAKS


@pytest.mark.parametrize("url", ["https://github.com/{}", "https://github.com/{}.git", "git@github.com:{}.git"])
def test_addresses(url: str) -> None:
    """Every way to write an address on GitHub is known, and nothing else is taken for one."""
    for name in HOOKS:
        assert tool(url.format(name)) == tool(url.format(name.upper())) == name.split("/")[1]
    assert tool("https://example.test/yelp/detect-secrets") == tool("local") == tool("") == ""


REPOS = st.lists(
    st.builds(
        dict,
        repo=st.sampled_from([f"https://github.com/{name}" for name in [*HOOKS, "psf/black"]] + ["local"]),
        rev=st.sampled_from(["v1", "1.0", "main"]),
        hooks=st.lists(
            st.fixed_dictionaries(
                {"id": st.sampled_from(sorted({one for hooks in HOOKS.values() for one in hooks} | {"black"}))},
                optional={"args": st.lists(st.text("-ab: #'\"\n", max_size=5), max_size=2), "exclude": st.just("x")},
            ),
            max_size=3,
        ),
    ),
    max_size=3,
)


@given(REPOS, st.sampled_from([None, "base", "a b.json", "x: [y], #'\""]), st.sampled_from([None, True, False]))
def test_any_file(repos: list[dict[str, object]], baseline: str | None, flow: bool | None) -> None:
    """Whatever a file says in whatever style: others stay, known ones are ours whole, or nothing changes."""
    text = yaml.safe_dump({"repos": repos}, default_flow_style=flow, sort_keys=False)
    after = yaml.safe_load(change(text, baseline).text)["repos"]
    assert len(after) == len(repos)
    for old, new in zip(repos, after, strict=True):
        if new == old:
            continue
        known = HOOKS[str(old["repo"]).removeprefix("https://github.com/")]
        assert (new["repo"], new["rev"]) == (REPOSITORY, "v9.9.9")
        for before, hook in zip(old["hooks"], new["hooks"], strict=True):  # type: ignore[call-overload]
            assert hook["id"] == known[before["id"]]
            assert hook.get("exclude") == before.get("exclude")
            if hook["id"] == OURS:
                assert hook.get("args", []) == (["--baseline", baseline] if baseline else [])
            else:
                assert hook.get("args") == before.get("args")


def test_the_file() -> None:
    """The name that pre-commit looks for."""
    assert FILE == ".pre-commit-config.yaml"
