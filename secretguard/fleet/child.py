"""One repository scanned in a process of its own: the task as JSON on standard input, the shard on standard output.

A process a repository, so that whatever one of them does to it (a crash, the memory's end) is that one's failure
alone. Its exit status is 0 with a whole shard, else 2 with one line of reason on standard error.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from secretguard import accepted_in_git, pack
from secretguard.accepted import Baseline, load
from secretguard.baseline_key import read_key
from secretguard.commands.scan import tool
from secretguard.commands.scan_sources import Wanted, read
from secretguard.errors import SecretguardError
from secretguard.pipeline import Scanner
from secretguard.report import jsonl_report
from secretguard.report.located import Scan, Skipped
from secretguard.report.made import Made
from secretguard.source.git import Git
from secretguard.source.git_index import Blob, BlobReader

_NO_FILES = {"160000": "submodule", "120000": "symbolic link"}


def main() -> int:
    """Read the task, scan, write the shard."""
    try:
        task = json.load(sys.stdin)
        os.chdir(task["place"])
        sys.stdout.write(shard(task["repository"], task["options"], bytes.fromhex(task["key"])))
        sys.stdout.flush()
    except SecretguardError as error:
        print(" ".join(error.message.split()), file=sys.stderr)
        return 2
    except OSError as error:
        print(error.strerror, file=sys.stderr)
        return 2
    return 0


def shard(repository: str, options: dict[str, Any], key: bytes) -> str:
    """The lines about the repository in the current folder: what was scanned and how, findings and skipped items, and
    last the summary. The same repository, options, key and rules give the same bytes on any machine."""
    git = Git()
    bare = git.run("rev-parse", "--is-bare-repository").stdout.strip() == b"true"
    head = git.run("rev-parse", "-q", "--verify", "HEAD^{commit}").stdout.decode("ascii").strip()
    accepted = _baseline(git, options, bare)
    scanner = Scanner(pack.open_engine(), key, accepted, archives=options["archives"], honour=options["honour"])
    if options["history"]:
        past = Wanted(history="", since=options["since"], blobs=options["blobs"], cache=False, jobs=1)
        scan = read(scanner, past)
    elif bare:
        scan = _tip(scanner, git) if head else Scan()
    else:
        scan = read(scanner, Wanted(gitignore=options["gitignore"], jobs=1))
    first = {"kind": "repository", "repository": repository, "head": head, "options": options}
    return json.dumps(first, ensure_ascii=True) + "\n" + jsonl_report.render(scan, Made(tool(scanner), 0, 0))


def _baseline(git: Git, options: dict[str, Any], bare: bool) -> Baseline | None:
    """The repository's own file of that name: in its work tree, or at HEAD where it has none."""
    name = options["baseline"]
    if not name:
        return None
    if bare:
        return accepted_in_git.read(git, accepted_in_git.find(git, ["HEAD"], (name,))[0])
    return load(name, read_key(None)) if os.path.isfile(name) else None


def _tip(scanner: Scanner, git: Git) -> Scan:
    """The files of HEAD, read from git: nothing is checked out."""
    scan = Scan()
    with BlobReader(git) as reader:
        for entry in (
            git.ask("ls-tree", "-r", "-z", "--full-tree", "HEAD").decode("utf-8", "surrogateescape").split("\0")
        ):
            described, _, path = entry.partition("\t")
            if not path:
                continue
            mode, _, object_id = described.split(" ")
            if mode in _NO_FILES:
                scan.skipped.append(Skipped(path, _NO_FILES[mode]))
                continue
            here = False
            for content, size in reader.reading(Blob(path, object_id)):
                here = True
                scan.add(scanner.stream(path, content, size))
            if not here:
                scan.skipped.append(Skipped(path, "object is missing from the repository"))
    return scan


if __name__ == "__main__":
    sys.exit(main())
