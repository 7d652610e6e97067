"""What is remembered of sessions, for how long it is believed, and what makes it go."""

from dataclasses import replace
from datetime import timedelta

import pytest

from extauthz.session_memory import FRESH, SessionMemory
from session_store.records import KnownSession
from tests.session_store.samples import ANNA, HOUR, NOW, SECOND, session

KNOWN = KnownSession(session(), ANNA)
HOST = "app.example.com"
GRACE = timedelta(seconds=30)


@pytest.fixture
def memory() -> SessionMemory:
    """A memory that was just fed, with one session under two cookies."""
    made = SessionMemory()
    made.fed(NOW)
    made.remember(b"1", HOST, KNOWN, made.forgotten)
    made.remember(b"2", "other.example.com", KNOWN, made.forgotten)
    return made


def test_a_session_is_remembered_by_cookie_and_host(memory: SessionMemory) -> None:
    assert memory.recall(b"1", HOST, NOW) == KNOWN
    assert memory.recall(b"1", "other.example.com", NOW) is None
    assert memory.recall(b"2", HOST, NOW) is None


def test_without_a_feed_nothing_is_remembered_or_believed() -> None:
    memory = SessionMemory()
    memory.remember(b"1", HOST, KNOWN, memory.forgotten)
    assert memory.recall(b"1", HOST, NOW) is None
    assert not memory.believed(NOW, GRACE)
    assert not memory.excused(NOW, GRACE)


def test_it_is_believed_for_a_second_behind_the_feed(memory: SessionMemory) -> None:
    assert memory.believed(NOW + FRESH, GRACE)
    assert not memory.believed(NOW + FRESH + SECOND, GRACE)
    assert memory.excused(NOW + GRACE, GRACE)
    assert not memory.excused(NOW + GRACE + SECOND, GRACE)


def test_it_is_believed_for_the_grace_while_the_store_is_away(memory: SessionMemory) -> None:
    memory.cut()
    assert memory.store_away
    assert memory.believed(NOW + GRACE, GRACE)
    assert not memory.believed(NOW + GRACE + SECOND, GRACE)


def test_behind_the_grace_it_is_as_before(memory: SessionMemory) -> None:
    memory.cut()
    memory.fed(NOW + GRACE)
    assert not memory.store_away
    assert not memory.believed(NOW + GRACE + 2 * SECOND, GRACE)


def test_what_is_named_is_forgotten_under_every_cookie(memory: SessionMemory) -> None:
    memory.forget("session-another")
    assert memory.recall(b"1", HOST, NOW)
    memory.forget(KNOWN.session.id)
    assert memory.recall(b"1", HOST, NOW) is None
    assert memory.recall(b"2", "other.example.com", NOW) is None


def test_what_was_looked_up_before_something_was_forgotten_is_not_remembered(memory: SessionMemory) -> None:
    before = memory.forgotten
    memory.forget(KNOWN.session.id)
    memory.remember(b"1", HOST, KNOWN, before)
    assert memory.recall(b"1", HOST, NOW) is None


def test_all_can_be_forgotten(memory: SessionMemory) -> None:
    before = memory.forgotten
    memory.forget_all()
    assert memory.recall(b"1", HOST, NOW) is None
    assert memory.forgotten != before


def test_an_ended_session_is_not_recalled(memory: SessionMemory) -> None:
    assert memory.recall(b"1", HOST, KNOWN.session.expires) is None
    memory.seen(KNOWN.session.id, NOW + SECOND, NOW + HOUR)
    recalled = memory.recall(b"1", HOST, NOW)
    assert recalled
    assert (recalled.session.last_seen, recalled.session.idle_end) == (NOW + SECOND, NOW + HOUR)
    assert memory.recall(b"1", HOST, NOW + HOUR) is None


def test_it_is_bounded() -> None:
    memory = SessionMemory(capacity=2)
    memory.fed(NOW)
    for name in ("s1", "s2", "s3"):
        memory.remember(name.encode(), HOST, replace(KNOWN, session=session(name)), memory.forgotten)
    assert [memory.recall(name, HOST, NOW) is not None for name in (b"s1", b"s2", b"s3")] == [False, True, True]
    memory.forget("session-s1")
    memory.remember(b"s3", HOST, replace(KNOWN, session=session("s3")), memory.forgotten)
    memory.forget("session-s3")
    assert memory.recall(b"s3", HOST, NOW) is None
