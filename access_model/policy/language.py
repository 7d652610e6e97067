"""The text of a policy, as a tree of mappings, lists and texts, to the compiled policy.

    policy:                    one mapping, or a list of them, whose rules are OR-ed
      - allow:                 an action: allow or deny
          and:                 an operator: and, or, not, nor
            - domain: a.com    a criterion, with a path behind a slash where it takes one

All mistakes are found at once. Whatever is mistaken is left out of the policy, which then must not be used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TypeVar, get_args

from access_model.policy.criteria import WORDS
from access_model.policy.data import Data, DataInvalid, Given, Step, refuse_word, shown, zone_of
from access_model.policy.tree import Leaf, Operator, OperatorName, Policy, Rule

ACTIONS = ("allow", "deny")
OPERATORS: tuple[OperatorName, ...] = get_args(OperatorName)
_NEGATING = ("not", "nor")
_NOT_YET = ("device", "pomerium_routes", "ssh_publickey", "ssh_username")
_WITH_PATH = ("claim",)
_ZONED = "time_of_day"

Path = tuple[Step, ...]
_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True)
class PolicyMistake:
    """One thing that is wrong with the text of a policy."""

    path: Path
    """The way to it from the policy's top."""
    code: str
    """Stable kebab-case name of the kind of mistake."""
    message: str
    """What is wrong."""
    remedy: str
    """What to do."""
    suggestion: str | None = None
    """The nearest known word, when a word is unknown."""


@dataclass(frozen=True, slots=True)
class ParsedPolicy:
    """A policy with the mistakes that were found in its text."""

    policy: Policy
    """The compiled policy; usable only without mistakes."""
    mistakes: tuple[PolicyMistake, ...]
    """What is wrong, in the text's order."""


def parse_policy(tree: Data) -> ParsedPolicy:
    """Compile the text of a policy; total."""
    reading = _Reading(_zone(tree))
    if isinstance(tree, list):
        for index, entry in enumerate(tree):
            reading.entry(entry, (index,))
    else:
        reading.entry(tree, ())
    policy = Policy(tuple(reading.rules["allow"]), tuple(reading.rules["deny"]))
    return ParsedPolicy(policy, tuple(reading.mistakes))


@dataclass(slots=True)
class _Reading:
    zone: tzinfo | None
    rules: dict[str, list[Rule]] = field(default_factory=lambda: {action: [] for action in ACTIONS})
    mistakes: list[PolicyMistake] = field(default_factory=list)

    def entry(self, written: Data, path: Path) -> None:
        """Read one mapping of actions to the bodies of rules."""
        for action, body in self._words(written, path, ACTIONS, "action"):
            if body is not None:
                self.rules[action].append(Rule(tuple(self._operators(action, body, (*path, action)))))

    def _operators(self, action: str, written: Data, path: Path) -> Iterator[Operator]:
        for kind, listed in self._words(written, path, OPERATORS, "operator"):
            opens = (action == "allow") != (kind in _NEGATING)
            yield Operator(kind, tuple(self._criteria(listed, (*path, kind), opens=opens)))

    def _criteria(self, written: Data, path: Path, *, opens: bool) -> Iterator[Leaf]:
        if written is not None and not isinstance(written, list):
            message = f"{shown(written)} is not a list of criteria"
            self._refuse(path, "bad-list", message, "write one `- ` line for each criterion")
            return
        for index, each in enumerate(written or ()):
            if (leaf := self._criterion(each, (*path, index), opens=opens)) is not None:
                yield leaf

    def _criterion(self, written: Data, path: Path, *, opens: bool) -> Leaf | None:
        if not isinstance(written, dict) or len(written) != 1:
            several = isinstance(written, dict) and len(written) > 1
            message = "several criteria stand in one element" if several else f"{shown(written)} is not a criterion"
            self._refuse(path, "bad-criterion", message, "write one `- word: data` line for each criterion")
            return None
        ((word, data),) = written.items()
        try:
            return _read_criterion(word, data, opens=opens, zone=self.zone)
        except DataInvalid as invalid:
            where = (*path, word, *invalid.at)
            self._refuse(where, invalid.code, invalid.message, invalid.remedy, invalid.suggestion)
            return None

    def _words(self, written: Data, path: Path, known: Sequence[_Word], kind: str) -> Iterator[tuple[_Word, Data]]:
        """The items of a mapping whose keys are known words; the others are mistakes."""
        if not isinstance(written, dict):
            words = " or ".join(f"`{word}:`" for word in known)
            self._refuse(
                path, "bad-mapping", f"{shown(written)} is not a mapping", f"write {words} and what belongs there"
            )
            return
        for word, body in written.items():
            if (same := next((each for each in known if each == word), None)) is not None:
                yield same, body
                continue
            try:
                refuse_word(word, known, kind)
            except DataInvalid as invalid:
                self._refuse((*path, word), invalid.code, invalid.message, invalid.remedy, invalid.suggestion)

    def _refuse(self, path: Path, code: str, message: str, remedy: str, suggestion: str | None = None) -> None:
        self.mistakes.append(PolicyMistake(path, code, message, remedy, suggestion))


def _read_criterion(word: str, data: Data, *, opens: bool, zone: tzinfo | None) -> Leaf:
    name, slash, sub_path = word.partition("/")
    if name in _NOT_YET:
        raise DataInvalid("not-supported-yet", f"`{name}` is not supported by this version", "remove it")
    if name in OPERATORS:
        remedy = "write a second entry in the list under `policy`; entries are OR-ed"
        raise DataInvalid("nested-operator", f"the operator `{name}` stands where a criterion belongs", remedy)
    if name not in WORDS:
        refuse_word(name, tuple(WORDS), "criterion")
    if slash and name not in _WITH_PATH:
        raise DataInvalid("unexpected-path", f"`{name}` takes no path", f"write `{name}`", suggestion=name)
    return WORDS[name](Given(data, sub_path, opens, zone))


def _zone(tree: Data) -> tzinfo | None:
    """The time zone that the `time_of_day` criteria of a policy name: UTC without any, None if they name several."""
    zones: set[tzinfo] = set()
    for name in _zone_names(tree):
        try:
            zones.add(zone_of(name))
        except DataInvalid:  # it is reported where the criterion is read
            continue
    return next(iter(zones), UTC) if len(zones) < 2 else None


def _zone_names(tree: Data) -> Iterator[Data]:
    if isinstance(tree, dict):
        written = tree.get(_ZONED)
        if isinstance(written, dict):
            yield written.get("timezone")
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from _zone_names(child)
