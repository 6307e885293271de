"""Commands that cannot be undone: files outside the project, uncommitted work, shared history, databases, clouds.

Deleting inside the project is ordinary work. What the analysis cannot place (an unknown variable) counts as outside.
"""

from __future__ import annotations

from secretguard.shell.words import UNKNOWN, Command, Observation, Place, Step, first_fit

EFFECT = "destroy"
_WORK = "it throws away uncommitted work"
_HISTORY = "it rewrites or deletes shared history"
_CLOUD = "it deletes cloud resources"
_DATA = "it deletes data in a database"
_PUBLIC = "a published release cannot be taken back"

STEPS = (
    Step("git reset", "git", _WORK, ("--hard", "--merge")),
    Step("git clean", "git", "it deletes untracked files", ("-f", "--force")),
    Step("git checkout * .", "git", _WORK),
    Step("git checkout", "git", _WORK, ("-f", "--force")),
    Step("git switch", "git", _WORK, ("-f", "--force", "--discard-changes")),
    Step("git restore", "git", _WORK, ("--worktree", "-W")),
    Step("git restore * .", "git", _WORK),
    Step("git push", "git", _HISTORY, ("-f", "--force", "--force-with-lease", "--mirror", "--delete", "-d", "--prune")),
    Step("git branch", "git", "it deletes a branch, merged or not", ("-D",)),
    Step("git stash drop", "git", _WORK),
    Step("git stash clear", "git", _WORK),
    Step("git filter-branch", "git", _HISTORY),
    Step("git filter-repo", "git", _HISTORY),
    Step("git reflog expire", "git", "it deletes what could bring commits back"),
    Step("git reflog delete", "git", "it deletes what could bring commits back"),
    Step("git gc", "git", "it deletes what could bring commits back", ("--prune",)),
    Step("git update-ref", "git", _HISTORY, ("-d",)),
    Step("git worktree remove", "git", _WORK, ("-f", "--force")),
    Step("shred", "file", "it destroys a file"),
    Step("wipefs", "disk", "it erases a disk"),
    Step("mkfs*", "disk", "it erases a disk"),
    Step("mkswap", "disk", "it erases a disk"),
    Step("fdisk", "disk", "it changes a disk's partitions"),
    Step("sfdisk", "disk", "it changes a disk's partitions"),
    Step("parted", "disk", "it changes a disk's partitions"),
    Step("blkdiscard", "disk", "it erases a disk"),
    Step("shutdown", "machine", "it stops the machine"),
    Step("reboot", "machine", "it stops the machine"),
    Step("poweroff", "machine", "it stops the machine"),
    Step("halt", "machine", "it stops the machine"),
    Step("crontab", "machine", "it deletes every scheduled job", ("-r",)),
    Step("userdel", "machine", "it deletes a user"),
    Step("dropdb", "database", _DATA),
    Step("dropuser", "database", _DATA),
    Step("mysqladmin drop", "database", _DATA),
    Step("alembic downgrade", "database", _DATA),
    Step("rails db:drop*", "database", _DATA),
    Step("rails db:reset", "database", _DATA),
    Step("rake db:drop*", "database", _DATA),
    Step("rake db:reset", "database", _DATA),
    Step("prisma migrate reset", "database", _DATA),
    Step("npx prisma migrate reset", "database", _DATA),
    Step("terraform destroy", "infrastructure", _CLOUD),
    Step("terraform apply", "infrastructure", "it changes infrastructure unseen", ("-auto-approve", "-destroy")),
    Step("terraform state rm", "infrastructure", "it makes infrastructure unmanaged"),
    Step("terraform workspace delete", "infrastructure", _CLOUD),
    Step("tofu destroy", "infrastructure", _CLOUD),
    Step("tofu apply", "infrastructure", "it changes infrastructure unseen", ("-auto-approve", "-destroy")),
    Step("tofu state rm", "infrastructure", "it makes infrastructure unmanaged"),
    Step("terragrunt destroy", "infrastructure", _CLOUD),
    Step("terragrunt run-all destroy", "infrastructure", _CLOUD),
    Step("pulumi destroy", "infrastructure", _CLOUD),
    Step("pulumi stack rm", "infrastructure", _CLOUD),
    Step("cdk destroy", "infrastructure", _CLOUD),
    Step("kubectl delete", "kubernetes", "it deletes cluster resources"),
    Step("kubectl drain", "kubernetes", "it empties a node"),
    Step("oc delete", "kubernetes", "it deletes cluster resources"),
    Step("helm uninstall", "kubernetes", "it deletes cluster resources"),
    Step("helm delete", "kubernetes", "it deletes cluster resources"),
    Step("aws s3 rb", "cloud", _CLOUD),
    Step("aws s3 rm", "cloud", _CLOUD),
    Step("aws s3 sync", "cloud", _CLOUD, ("--delete",)),
    Step("aws * delete-*", "cloud", _CLOUD),
    Step("aws * terminate-*", "cloud", _CLOUD),
    Step("aws * purge-*", "cloud", _CLOUD),
    Step("aws kms schedule-key-deletion", "cloud", _CLOUD),
    Step("gcloud * delete", "cloud", _CLOUD),
    Step("gsutil rm", "cloud", _CLOUD),
    Step("gsutil rb", "cloud", _CLOUD),
    Step("az * delete", "cloud", _CLOUD),
    Step("az * purge", "cloud", _CLOUD),
    Step("doctl * delete", "cloud", _CLOUD),
    Step("heroku apps:destroy", "cloud", _CLOUD),
    Step("heroku pg:reset", "cloud", _DATA),
    Step("fly apps destroy", "cloud", _CLOUD),
    Step("docker system prune", "container", "it deletes containers, images or volumes"),
    Step("docker volume rm", "container", "it deletes a volume with its data"),
    Step("docker volume prune", "container", "it deletes volumes with their data"),
    Step("docker compose down", "container", "it deletes volumes with their data", ("-v", "--volumes")),
    Step("docker-compose down", "container", "it deletes volumes with their data", ("-v", "--volumes")),
    Step("npm publish", "release", _PUBLIC),
    Step("npm unpublish", "release", _PUBLIC),
    Step("yarn publish", "release", _PUBLIC),
    Step("pnpm publish", "release", _PUBLIC),
    Step("cargo publish", "release", _PUBLIC),
    Step("cargo yank", "release", _PUBLIC),
    Step("twine upload", "release", _PUBLIC),
    Step("uv publish", "release", _PUBLIC),
    Step("poetry publish", "release", _PUBLIC),
    Step("gem push", "release", _PUBLIC),
    Step("gem yank", "release", _PUBLIC),
    Step("gh repo delete", "release", "it deletes a repository"),
    Step("gh release delete", "release", "it deletes a release"),
    Step("gh secret delete", "identity", "it deletes a stored secret"),
    Step("vault delete", "identity", "it deletes a stored secret"),
    Step("vault kv delete", "identity", "it deletes a stored secret"),
    Step("vault kv destroy", "identity", "it deletes a stored secret"),
    Step("vault kv metadata delete", "identity", "it deletes a stored secret"),
    Step("vault secrets disable", "identity", "it deletes every secret of an engine"),
    Step("vault auth disable", "identity", "it deletes a way to log in"),
    Step("vault lease revoke", "identity", "it takes credentials from others", ("-prefix", "-force")),
    Step("vault operator seal", "identity", "it stops the secret store"),
    Step("rsync", "file", "it deletes what the source does not have", ("--delete", "--delete-after", "--del")),
    Step("find", "file", "it deletes files", ("-delete",)),
)
"""Each known irreversible command; `find -delete` is judged by its roots below."""

_PUSH = Step("git push", "git", _HISTORY)
_SQL_CLIENTS = frozenset(
    {"psql", "mysql", "mariadb", "sqlite3", "sqlcmd", "mongosh", "mongo", "cqlsh", "clickhouse-client"}
)
_SQL = (
    "drop database",
    "drop table",
    "drop schema",
    "drop keyspace",
    "truncate ",
    "dropdatabase",
    ".drop(",
    "deletemany({})",
)
_CODE = ("shutil.rmtree", "rmsync(", "fs.rm(", "rm -rf", "file.rm_r", "fileutils.rm", "removedirs(", "remove_tree(")
_FLUSHES = frozenset({"flushall", "flushdb"})
_DEVICES = ("/dev/sd", "/dev/nvme", "/dev/hd", "/dev/vd", "/dev/disk", "/dev/mapper", "/dev/mem")


def observe(command: Command) -> Observation | None:
    """What `command` would destroy, if anything."""
    return _device(command) or _by_program(command) or _step(command)


def observe_code(code: str) -> Observation | None:
    """What a program text given to an interpreter would destroy."""
    if any(sign in code.lower() for sign in _CODE):
        return Observation(EFFECT, "file", "it deletes whole folders from program text")
    return None


def _step(command: Command) -> Observation | None:
    seen = first_fit(command, STEPS, EFFECT)
    if seen is not None and command.name == "find" and not _find_loses(command):
        return None
    if seen is not None and command.name == "git" and "restore" in command.words and command.has("--staged", "-S"):
        return None if not command.has("--worktree", "-W") else seen
    if seen is None and _PUSH.fits(command) and any(word.startswith(("+", ":")) for word in command.plain):
        return Observation(EFFECT, "git", _HISTORY)
    if seen is None and command.name == "git" and "checkout" in command.plain and "--" in command.words:
        return Observation(EFFECT, "git", _WORK)
    return seen


def _by_program(command: Command) -> Observation | None:
    name = command.name
    if name in ("rm", "unlink", "rmdir", "trash") and _removes(command):
        return Observation(EFFECT, "file", "it deletes files outside the project, or the project itself")
    if name in ("chmod", "chown", "chgrp") and command.has("-R", "--recursive") and _any_precious(command, 1):
        return Observation(EFFECT, "file", "it changes the rights of everything outside the project")
    if name == "truncate" and _any_precious(command, 0):
        return Observation(EFFECT, "file", "it empties files outside the project")
    if name in _SQL_CLIENTS:
        return _sql(" ".join((*command.words[1:], command.body)))
    if name == "redis-cli" and any(word.lower() in _FLUSHES for word in command.words):
        return Observation(EFFECT, "database", _DATA)
    if (
        name in ("python", "python3")
        and any(w.endswith("manage.py") for w in command.plain)
        and "flush" in command.plain
    ):
        return Observation(EFFECT, "database", _DATA)
    return None


def _sql(text: str) -> Observation | None:
    lowered = " ".join(text.lower().split())
    deletes_all = "delete from " in lowered and " where " not in lowered
    if deletes_all or any(sign in lowered for sign in _SQL):
        return Observation(EFFECT, "database", _DATA)
    return None


def _removes(command: Command) -> bool:
    recursive = command.has("-r", "-R", "--recursive")
    targets = command.plain
    if command.words and command.words[-1] == "xargs":
        return recursive
    if not recursive:  # a single named file outside is lost as well; a glob that may be anything inside is not
        return any(_precious(word, command.place) for word in targets if word != UNKNOWN)
    return not targets or any(_precious(word, command.place) for word in targets)


def _any_precious(command: Command, first: int) -> bool:
    return any(_precious(word, command.place) for word in command.plain[first:])


def _precious(word: str, place: Place) -> bool:
    """Whether deleting what `word` names loses more than part of the project: see `scratch` for what may go."""
    path = place.path(word)
    if path is None:
        return True
    while path.endswith(("/*", "/.*", "/**", "/.[!.]*", "/{*,.*}")):
        path = path.rsplit("/", 1)[0]  # everything in a folder counts as the folder
    inside = path.startswith(place.project.rstrip("/") + "/")
    if inside:
        return path == place.project.rstrip("/") + "/.git" or path.startswith(place.project.rstrip("/") + "/.git/")
    return not _scratch(path, place)


def _scratch(path: str, place: Place) -> bool:
    """Below a folder of the system's temporary directory, unless the home directory is there, too."""
    for base in ("/tmp/", "/var/tmp/"):  # noqa: S108 - nothing is written there
        if path.startswith(base) and not place.home.startswith(base):
            return True
    return path.startswith("/dev/") and path in ("/dev/null", "/dev/stdout", "/dev/stderr")


def _find_loses(command: Command) -> bool:
    """`find ... -delete`: harmless where every root is inside the project and a test narrows what is deleted."""
    roots = []
    for word in command.words[1:]:
        if word.startswith(("-", "(", "!")):
            break
        roots.append(word)
    narrowed = command.has("-name", "-iname", "-path", "-regex", "-empty", "-newer")
    return not narrowed or any(_precious(root, command.place) for root in roots if root not in (".", "./"))


def _device(command: Command) -> Observation | None:
    targets = list(command.outputs)
    if command.name == "dd":
        targets += [word[3:] for word in command.words if word.startswith("of=")]
    elif command.name in ("tee", "cp", "mv"):
        targets += command.plain
    if any(target.startswith(_DEVICES) for target in targets):
        return Observation(EFFECT, "disk", "it overwrites a disk")
    return None
