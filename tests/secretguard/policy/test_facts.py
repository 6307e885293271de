from __future__ import annotations

import datetime
import json
import re
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretguard.errors import ConfigError
from secretguard.policy.facts import LONGEST_OBSERVATION, MAX_ENTRIES, SECTIONS, parse
from secretguard.policy.glob import MAX_PATTERN
from secretguard.policy.request import DATA, ENVIRONMENTS
from tests.secretguard.policy.sets import FACTS

SCHEMA = json.loads(resources.files("secretguard.policy").joinpath("schema/facts.schema.json").read_text("utf-8"))


def test_what_is_left_out_is_empty() -> None:
    """Every section and key is there after reading, so that the hot path asks no questions."""
    facts = parse('version = 1\n[environment]\ndefault = "production"\n[data]\ndefault = "secret"\n', "facts.toml")
    assert {name: tuple(facts[name]) for name in facts} == dict(SECTIONS)  # type: ignore[call-overload]
    assert facts["hosts"] == {name: [] for name in ENVIRONMENTS}


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("[hosts]", "[host]", 20, "unknown key or section host"),
        ("sandbox = [", "sandbocks = [", 5, "unknown key sandbocks in [environment]"),
        ("version = 1", "version = 2", 1, "version must be 1"),
        ('default = "internal"', 'default = "secrets"', 9, "needs a default"),
        ('default = "internal"', "", 8, "needs a default"),
        ('["**/README.md"]', '"**/README.md"', 10, "must be a list"),
        ('["**/README.md"]', "[1]", 10, "a text of"),
        ('["**/README.md"]', '["README.md"]', 10, "must start with"),
        ('["**/README.md"]', '["/a/../b"]', 10, "`..` segment"),
        ('["**/README.md"]', '["/a**/b"]', 10, "segment of its own"),
        ('"deploy/**"', '"/deploy/**"', 15, "relative to the repository"),
        ('"deploy/**"', '"~/deploy/**"', 15, "relative to the repository"),
        ('"db.example.com"', '"https://db"', 21, "host name"),
        ('"db.example.com"', '"DB.example.com"', 21, "host name"),
        ('default = "internal"', 'default = "internal', 9, "not TOML"),
        ("[hosts]", "[data]", 20, "not TOML"),
        ("[hosts]", '[owners]\nsecurity = ["jwt:*"]\n[hosts]', 21, "names nobody"),
        ("[hosts]", '[owners]\nsecurity = ["unix:0"]\n[hosts]', 21, "names nobody"),
        ("[hosts]", '[owners]\nsecurity = ["jwt:corp:ada eve"]\n[hosts]', 21, "names nobody"),
        ("[hosts]", '[owners]\neverybody = ["jwt:corp:ada"]\n[hosts]', 21, "unknown key everybody"),
    ],
)
def test_faults_are_named_with_file_and_line(old: str, new: str, line: int, told: str) -> None:
    """An unknown key, a bad label, a malformed pattern: each error points at its line."""
    assert old in FACTS
    with pytest.raises(ConfigError) as caught:
        parse(FACTS.replace(old, new, 1), "facts.toml")
    assert caught.value.message.startswith(f"facts.toml:{line}: "), caught.value.message
    assert told in str(caught.value)


def test_pattern_in_a_long_list_is_found() -> None:
    """The line is that of the pattern, not of the list."""
    text = FACTS.replace('["**/README.md"]', '[\n  "**/a",\n  "b",\n]')
    with pytest.raises(ConfigError, match=r"^facts\.toml:12: "):
        parse(text, "facts.toml")


def test_caps() -> None:
    """Too many or too long patterns would slow down every hook."""
    many = ", ".join(f'"**/f{n}"' for n in range(MAX_ENTRIES + 1))
    with pytest.raises(ConfigError, match="patterns, more than"):
        parse(FACTS.replace('"**/README.md"', many), "facts.toml")
    with pytest.raises(ConfigError, match=f"1 to {MAX_PATTERN}"):
        parse(FACTS.replace("**/README.md", "**/" + "x" * MAX_PATTERN), "facts.toml")


def test_schema_and_loader_know_the_same_keys() -> None:
    """The published schema allows exactly what the loader reads."""
    assert set(SCHEMA["properties"]) == {"version", *SECTIONS}
    for section, keys in SECTIONS.items():
        assert set(SCHEMA["properties"][section]["properties"]) == set(keys), section
        assert SCHEMA["properties"][section]["additionalProperties"] is False
    assert SCHEMA["properties"]["environment"]["properties"]["default"]["enum"] == list(ENVIRONMENTS)
    assert SCHEMA["properties"]["data"]["properties"]["default"]["enum"] == list(DATA)
    for kind in ("anywhere", "relative", "hosts", "owners"):
        assert SCHEMA["$defs"][kind]["maxItems"] == MAX_ENTRIES


@pytest.mark.parametrize(
    ("section", "pattern"),
    [
        *(("data", text) for text in ("/a", "~/a", "**/a", "a", "*/a", "")),
        *(("production", text) for text in ("a", "a/**", "/a", "~/a", "")),
        *(
            ("owners", text)
            for text in ("jwt:https://id:group:sec", "jwt:a:b", "jwt:a", "jwt:*", "unix:0", "a:b:c", "")
        ),
        *(("hosts", text) for text in ("a.b", "*.a.b", "A.b", "a_b", "a..b", "*a", "")),
    ],
)
def test_schema_and_loader_agree_on_patterns(section: str, pattern: str) -> None:
    """A pattern that an editor accepts by the schema is one that the loader accepts."""
    key = {"data": "secret", "production": "paths", "hosts": "production", "owners": "security"}[section]
    items = SCHEMA["$defs"][SCHEMA["properties"][section]["properties"][key]["$ref"].split("/")[-1]]["items"]
    by_schema = re.search(items["pattern"], pattern) is not None and len(pattern) >= items.get("minLength", 0)
    document = tomllib.loads(FACTS)
    document[section] = {**document.get(section, {}), key: [pattern]}
    lines = ["version = 1"]
    for name in SECTIONS:
        lines.append(f"[{name}]")
        lines += [f"{k} = {json.dumps(v)}" for k, v in document.get(name, {}).items()]
    try:
        parse("\n".join(lines), "facts.toml")
        by_loader = True
    except ConfigError:
        by_loader = False
    assert by_loader is by_schema


@given(st.text(max_size=200))
def test_any_text_is_refused_in_words(text: str) -> None:
    """Whatever the file holds, the answer is one expected error with file and line."""
    with pytest.raises(ConfigError, match=r"^facts\.toml:\d+: "):
        parse(text, "facts.toml")


def test_deep_nesting_is_refused() -> None:
    """Nesting without end is an error, not a crash."""
    with pytest.raises(ConfigError):
        parse("a = " + "[" * 100_000, "facts.toml")


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ('[observe]\nuntil = "2026-01-01"', "must be a date"),
        ("[observe]\nuntil = 2026-01-01T00:00:00", "must be a date"),
        ("[observe]\nuntil = 9999-12-31", "more than 90 days ahead"),
        ("[observe]\nuntil = 2026-01-01\nmandatory = ['Not A Rule']", "not the id of a rule"),
        ('[repository]\nref = "origin/main"', "full name of a ref"),
        ('[repository]\nref = "refs/heads/../../x"', "full name of a ref"),
        ('[repository]\nref = "refs/heads/-x"', "full name of a ref"),
    ],
)
def test_observe_mode_has_a_date_and_the_branch_a_full_name(added: str, told: str) -> None:
    """A trial without an end, or too long a one, and a name that git could take for something else, are errors."""
    with pytest.raises(ConfigError, match=told) as caught:
        parse(f"{FACTS}\n{added}\n", "facts.toml")
    assert re.match(rf"facts\.toml:{FACTS.count(chr(10)) + 3 + added.count('mandatory')}: ", caught.value.message)


def test_the_last_day_that_observe_mode_may_have() -> None:
    """Ninety days from today are read, as are days that have passed: those are enforced again."""
    today = datetime.datetime.now(datetime.UTC).date()
    for day in (today + datetime.timedelta(days=LONGEST_OBSERVATION), today, datetime.date(2020, 1, 1)):
        facts = parse(f"{FACTS}\n[observe]\nuntil = {day}\nmandatory = ['never', 'secrets']\n", "facts.toml")
        assert facts["observe"] == {"until": day.isoformat(), "mandatory": ["never", "secrets"]}


def test_a_layer_that_tightens_may_leave_everything_out() -> None:
    """Defaults are empty then; what is there is read as strictly as ever."""
    facts = parse("version = 1\n[data]\nsecret = ['**/x']\n", "facts.toml", partial=True)
    assert (facts["environment"]["default"], facts["data"]["default"]) == ("", "")  # type: ignore[index]
    assert facts["data"]["secret"] == ["**/x"]  # type: ignore[index]
    with pytest.raises(ConfigError, match="needs a default"):
        parse("version = 1\n[data]\ndefault = 'no'\n", "facts.toml", partial=True)


@pytest.mark.parametrize(
    "line",
    [
        "a" + ".a" * 60 + " = 1",
        "[" + "a." * 60 + "a]",
        "k = { a" + ".a" * 60 + " = 1 }",
        '"x\'"' + ".a" * 60,
        'a."\u2028"' * 60 + " = 1",
    ],
)
def test_keys_of_many_parts_are_refused_before_they_are_read(line: str) -> None:
    """Reading them takes the square of their number; the line is told."""
    with pytest.raises(ConfigError, match=r"^f:2: more than 50 dots"):
        parse(f"version = 1\n{line}\n", "f", partial=True)


def test_dots_in_texts_and_remarks_are_no_keys() -> None:
    """A long list of file names on one line is read, as is a ruled line."""
    names = ", ".join(f'"**/a.b.c{n}.d"' for n in range(40))
    text = f"version = 1\n# {'.' * 200}\n[data]\nsecret = [{names}] # {'.' * 60}\n"
    assert len(parse(text, "f", partial=True)["data"]["secret"]) == 40  # type: ignore[index]
