"""`record`: true when external data about the asker says so."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.client_certificate import read_certificate
from access_model.facts import Record as Found
from access_model.facts import RecordKey
from access_model.policy.criteria.session import STRANGER
from access_model.policy.criteria.source_ip import plain_address
from access_model.policy.data import Data, DataInvalid, Given, mapping_of, shown, text_of
from access_model.policy.matching import TEXT_OPERATORS
from access_model.policy.reasons import Reason
from access_model.policy.record_field import COMPARISONS, FieldTest, read_field_test, values_of
from access_model.policy.tree import CannotTell, Dependencies, PolicyInput, Verdict, judged

_OPERATORS = (*TEXT_OPERATORS, *COMPARISONS)
_EXAMPLE = "{type: example.com/employee, field: locale, is: de}"
_OF_PEOPLE = (RecordKey.USER_ID, RecordKey.USER_EMAIL)


@dataclass(frozen=True, slots=True)
class Record:
    """Compares a field of the record that belongs to the asker, or tells whether there is such a record."""

    kind: str
    """Type of the record, which says what it is found by."""
    field: str
    """The field, by its literal name or the way to it; empty when only existence counts."""
    tests: tuple[FieldTest, ...]
    """The tests on the field, which must all pass; none when only existence counts."""
    exists: bool = True
    """Whether the record must be there."""
    trusting: bool = False
    """Whether a client certificate finds a record without being trusted."""

    name: ClassVar = "record"

    @classmethod
    def read(cls, given: Given) -> "Record":
        """Read `{type, field, <operators>}` or `{type, exists}`. Raises `DataInvalid`."""
        written = dict(mapping_of(given.data, ("type", "field", "exists", *_OPERATORS), _EXAMPLE))
        kind = text_of(written.pop("type", None), "type")
        if "exists" in written:
            exists = _truth(written.pop("exists"))
            if written:
                also = next(iter(written))
                raise DataInvalid(
                    "given-twice", f"`exists` and `{also}` do not go together", "keep one of them", at=(also,)
                )
            return cls(kind, "", (), exists, not given.opens)
        field = text_of(written.pop("field", None), "field")
        if not written:
            raise DataInvalid("bad-matcher", "there is nothing to compare the field with", f"write `{_EXAMPLE}`")
        tests = tuple(read_field_test(word, value) for word, value in written.items())
        return cls(kind, field, tests, trusting=not given.opens)

    @property
    def data(self) -> str:
        """Type, field and tests, for people."""
        if not self.tests:
            return f"{self.kind} {'exists' if self.exists else 'does not exist'}"
        return f"{self.kind} {self.field} {' and '.join(map(str, self.tests))}"

    @property
    def depends_on(self) -> Dependencies:
        """The records, and whatever they may be found by."""
        return Dependencies.RECORDS | Dependencies.SESSION | Dependencies.ADDRESS | Dependencies.CERTIFICATE

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Find the record and compare. Raises `CannotTell` when its data is not there."""
        by = asked.records.key_of(self.kind)
        if by is None:
            raise CannotTell(f"there are no records of type `{self.kind}`")
        if by in _OF_PEOPLE and asked.identity is None:
            return STRANGER
        key = self._key(by, asked)
        record = asked.records.find(self.kind, key) if key else None
        holds = self._holds_for(record)
        return judged(holds, Reason.RECORD_OK if holds else Reason.RECORD_UNAUTHORIZED)

    def _holds_for(self, record: Found | None) -> bool:
        if not self.tests:
            return (record is not None) == self.exists
        values = values_of(record, self.field) if record is not None else ()
        return bool(values) and all(test.passes(values) for test in self.tests)

    def _key(self, by: RecordKey, asked: PolicyInput) -> str:
        """What the asker's record is found by; empty when they have no such thing."""
        match by:
            case RecordKey.USER_ID:
                return asked.identity.user_id if asked.identity else ""
            case RecordKey.USER_EMAIL:
                return asked.identity.email if asked.identity else ""
            case RecordKey.ADDRESS:
                return str(plain_address(asked.request.client_address) or "")
            case RecordKey.CERTIFICATE:
                presented = asked.request.client_certificate
                usable = presented is not None and (presented.trusted or self.trusting)
                names = read_certificate(presented.pem) if presented is not None and usable else None
                return names.fingerprint if names else ""


def _truth(data: Data) -> bool:
    match data:
        case "true":
            return True
        case "false":
            return False
    raise DataInvalid(
        "bad-truth", f"{shown(data)} is neither true nor false", "write `true` or `false`", at=("exists",)
    )
