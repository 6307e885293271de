"""shfmt's syntax tree to the list of simple commands that would run, in order. Pure.

Every node of the tree is visited, so that a command inside any substitution, here-document, function or test is seen.
"""

from __future__ import annotations

from secretguard.shell.literal import word
from secretguard.shell.words import UNKNOWN, Command, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    Node = dict[str, object]

_CALLS = frozenset({"CallExpr", "DeclClause"})
_DEEPEST = 200
_READS = frozenset({"<", "<>"})
_WRITES = frozenset({">", ">>", ">|", "&>", "&>>", "<>"})
_BODIES = frozenset({"<<", "<<-", "<<<"})


class TooNested(Exception):
    """The tree is deeper than any command a person would write."""


class _Redirections:
    """Where one statement's input and output go: file names (UNKNOWN where not literal) and here-document text."""

    def __init__(self, redirections: list[Node], home: str) -> None:
        inputs, outputs, bodies = [], [], []
        self.variables: list[str] = []
        for redirection in redirections:
            operator, target = redirection.get("Op"), redirection.get("Word")
            name = word(target, home, self.variables) if isinstance(target, dict) else UNKNOWN
            if operator in _READS:
                inputs.append(name)
            if operator in _WRITES:
                outputs.append(name)
            if operator in _BODIES:
                document = redirection.get("Hdoc")
                bodies.append(word(document, home, self.variables) if isinstance(document, dict) else name)
        self.inputs, self.outputs, self.body = tuple(inputs), tuple(outputs), "\n".join(bodies)

    def of(self, words: list[str], place: Place, piped_from: tuple[str, ...], variables: list[str]) -> Command:
        """The command of `words` with these redirections."""
        names = tuple(variables + self.variables)
        return Command(words, place, piped_from, self.outputs, self.inputs, names, self.body)


class _Walk:
    """One pass over a tree. `place` follows `cd`; a subshell's `cd` is taken to last, which errs on the strict side."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.found: list[Command] = []

    def visit(self, node: object, piped_from: tuple[str, ...] = (), level: int = 0) -> None:
        if level > _DEEPEST:
            raise TooNested
        if isinstance(node, list):
            for item in node:
                self.visit(item, piped_from, level + 1)
        elif isinstance(node, dict):
            if "Cmd" in node or "Redirs" in node:
                self._statement(node, piped_from, level)
            elif node.get("Type") == "BinaryCmd" and node.get("Op") in ("|", "|&"):
                self._pipe(node, piped_from, level)
            elif node.get("Type") in _CALLS:
                self._call(node, _Redirections([], self.place.home), piped_from, level)
            else:
                for key, item in node.items():
                    if key != "Pos" and key != "End":
                        self.visit(item, piped_from, level + 1)

    def _pipe(self, node: Node, piped_from: tuple[str, ...], level: int) -> None:
        before = len(self.found)
        self.visit(node.get("X"), piped_from, level + 1)
        sources = tuple(c.name for c in reversed(self.found[before:]))
        self.visit(node.get("Y"), sources + piped_from, level + 1)

    def _statement(self, node: Node, piped_from: tuple[str, ...], level: int) -> None:
        command, redirections = node.get("Cmd"), _nodes(node.get("Redirs"))
        files = _Redirections(redirections, self.place.home)
        if isinstance(command, dict) and command.get("Type") in _CALLS:
            self._call(command, files, piped_from, level)
        else:
            self.visit(command, piped_from, level + 1)
            if redirections:  # `> file` alone, or a group whose output goes to a file
                self.found.append(files.of([], self.place, piped_from, []))
        self.visit([r.get(key) for r in redirections for key in ("Word", "Hdoc")], (), level + 1)

    def _call(self, node: Node, files: _Redirections, piped_from: tuple[str, ...], level: int) -> None:
        self.visit([node.get("Assigns"), node.get("Args")], (), level + 1)
        variables: list[str] = []
        words = [_assigned(a, self.place.home, variables) for a in _nodes(node.get("Assigns"))]
        assigned = len(words)
        if node.get("Type") == "DeclClause":
            variant = node.get("Variant")
            words.append(str(variant.get("Value")) if isinstance(variant, dict) else "declare")
        for argument in _nodes(node.get("Args")):
            read = word if "Parts" in argument else _assigned
            words.append(read(argument, self.place.home, variables))
        if len(words) > assigned or files.inputs or files.outputs or variables:
            command = files.of(words[assigned:], self.place, piped_from, variables)
            self.found.append(command)
            self._follow(command)

    def _follow(self, command: Command) -> None:
        if command.name in ("cd", "pushd"):
            target = command.plain[0] if command.plain else "~"
            self.place = self.place.moved(None if "-" in command.words else self.place.path(target))
        elif command.name == "popd":
            self.place = self.place.moved(None)


def commands(tree: Node, place: Place) -> list[Command]:
    """The simple commands of `tree`, inner substitutions before the command they are part of. Raises TooNested."""
    walk = _Walk(place)
    try:
        walk.visit(tree)
    except RecursionError:
        raise TooNested from None
    return walk.found


def _assigned(node: Node, home: str, variables: list[str]) -> str:
    """`NAME=value`, `NAME` or an option, as it stands in an assignment or in `export`, `declare` and their like."""
    name, value = node.get("Name"), node.get("Value")
    text = word(value, home, variables) if isinstance(value, dict) else ""
    if not isinstance(name, dict):
        return text
    return f"{name.get('Value')}={text}" if isinstance(value, dict) or "Array" in node else str(name.get("Value"))


def _nodes(value: object) -> list[Node]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
