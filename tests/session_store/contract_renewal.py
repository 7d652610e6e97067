"""The contract of `SessionStore`, second part: idle ends, renewal, leases, selections."""

import asyncio
from dataclasses import replace
from datetime import datetime

from access_model.secret import Secret
from session_store.records import KnownSession, Renewal, Selection, Session, Tokens
from session_store.repository import SessionStore
from tests.session_store.samples import ANNA, BERT, HOUR, MINUTE, NOW, SECOND, handle, session, token_hash

COOKIE = token_hash("cookie-1")
APP = "app.example.com"
FRESH = Tokens(access_token=Secret.of("another-access-token"), refresh_token=Secret.of("another-refresh-token"))


def idle(end: datetime) -> Session:
    """A session that ends then unless it is used."""
    return replace(session(), idle_end=end)


def due(name: str = "s1", tokens: datetime | None = NOW, profile: datetime | None = None) -> Session:
    """A session whose tokens are due now."""
    return replace(session(name), renewal=Renewal(tokens, profile, 2))


class RenewalContract:
    """Subclass it with a fixture `store` that gives an empty store."""

    # idle ends

    async def test_a_session_nobody_uses_is_over_at_its_idle_end(self, store: SessionStore) -> None:
        await store.save_sign_in(idle(NOW + HOUR), ANNA, handle())
        assert await store.find_by_handle(COOKIE, APP, NOW + HOUR - SECOND) == KnownSession(idle(NOW + HOUR), ANNA)
        assert await store.find_by_handle(COOKIE, APP, NOW + HOUR) is None
        assert await store.find_session("session-s1", NOW + HOUR) is None
        assert not await store.add_handle(replace(handle("cookie-2"), created=NOW + HOUR))
        assert list(await store.sessions_of(ANNA.issuer, ANNA.id, NOW + HOUR)) == []

    async def test_use_puts_the_idle_end_off_but_not_the_absolute_one(self, store: SessionStore) -> None:
        await store.save_sign_in(idle(NOW + HOUR), ANNA, handle())
        await store.touch("session-s1", NOW + MINUTE, NOW + 100 * HOUR)
        assert await store.find_session("session-s1", NOW + 8 * HOUR - SECOND)
        assert await store.find_session("session-s1", NOW + 8 * HOUR) is None

    async def test_an_ended_session_is_not_brought_back_by_use(self, store: SessionStore) -> None:
        await store.save_sign_in(idle(NOW + HOUR), ANNA, handle())
        await store.touch("session-s1", NOW + HOUR, NOW + 2 * HOUR)
        assert await store.find_session("session-s1", NOW + HOUR) is None

    async def test_idle_sessions_are_purged(self, store: SessionStore) -> None:
        await store.save_sign_in(idle(NOW + HOUR), ANNA, handle())
        assert await store.purge(NOW + HOUR - SECOND) == 0
        assert await store.purge(NOW + HOUR) == 1

    # who may renew

    async def test_one_of_many_gets_the_right_to_renew(self, store: SessionStore) -> None:
        await store.save_sign_in(due(), ANNA, handle())
        claims = [store.claim_renewal("session-s1", NOW, NOW + MINUTE) for _ in range(20)]
        claimed = [known for known in await asyncio.gather(*claims) if known]
        assert claimed == [KnownSession(replace(due(), version=2), ANNA)]

    async def test_the_right_to_renew_runs_out(self, store: SessionStore) -> None:
        await store.save_sign_in(due(), ANNA, handle())
        first = await store.claim_renewal("session-s1", NOW, NOW + MINUTE)
        assert await store.claim_renewal("session-s1", NOW + MINUTE - SECOND, NOW + HOUR) is None
        second = await store.claim_renewal("session-s1", NOW + MINUTE, NOW + HOUR)
        assert first
        assert second
        assert not await store.save_renewal(first.session, ANNA, NOW + MINUTE)
        assert await store.save_renewal(second.session, ANNA, NOW + MINUTE)

    async def test_what_is_not_due_or_has_ended_is_not_renewed(self, store: SessionStore) -> None:
        await store.save_sign_in(due("later", NOW + SECOND), ANNA, handle("1", session_name="later"))
        await store.save_sign_in(due("never", None), ANNA, handle("2", session_name="never"))
        await store.save_sign_in(replace(due("over"), expires=NOW), ANNA, handle("3", session_name="over"))
        for name in ("later", "never", "over", "unknown"):
            assert await store.claim_renewal(f"session-{name}", NOW, NOW + MINUTE) is None

    async def test_a_profile_that_is_due_counts_too(self, store: SessionStore) -> None:
        await store.save_sign_in(due(tokens=NOW + HOUR, profile=NOW), ANNA, handle())
        assert await store.claim_renewal("session-s1", NOW, NOW + MINUTE)

    # what came of it

    async def test_a_renewal_is_written_as_a_whole_and_told_to_the_feed(self, store: SessionStore) -> None:
        await store.save_sign_in(due(), ANNA, handle())
        claimed = await store.claim_renewal("session-s1", NOW, NOW + MINUTE)
        assert claimed
        renewed = replace(
            claimed.session,
            tokens=FRESH,
            claims={"roles": ("c",)},
            provider_session="another",
            renewal=Renewal(NOW + HOUR, NOW + 2 * HOUR),
        )
        assert await store.save_renewal(renewed, ANNA, NOW)
        kept = KnownSession(replace(renewed, version=renewed.version + 1), ANNA)
        assert await store.find_by_handle(COOKIE, APP, NOW) == kept
        assert [(change.kind, change.subject) for change in await store.changes_since(0)] == [
            ("session_changed", "session-s1")
        ]

    async def test_use_meanwhile_is_not_lost(self, store: SessionStore) -> None:
        await store.save_sign_in(due(), ANNA, handle())
        claimed = await store.claim_renewal("session-s1", NOW, NOW + MINUTE)
        assert claimed
        await store.touch("session-s1", NOW + SECOND, NOW + HOUR)
        assert await store.save_renewal(claimed.session, ANNA, NOW)
        known = await store.find_session("session-s1", NOW)
        assert known
        assert (known.session.last_seen, known.session.idle_end) == (NOW + SECOND, NOW + HOUR)

    async def test_a_session_that_ended_meanwhile_stays_ended(self, store: SessionStore) -> None:
        await store.save_sign_in(due(), ANNA, handle())
        claimed = await store.claim_renewal("session-s1", NOW, NOW + MINUTE)
        assert claimed
        await store.end_session("session-s1", NOW)
        assert not await store.save_renewal(claimed.session, ANNA, NOW)
        assert await store.find_session("session-s1", NOW) is None

    async def test_a_new_profile_is_news_of_all_sessions_of_the_user(self, store: SessionStore) -> None:
        await store.save_sign_in(due("s1"), ANNA, handle())
        await store.save_sign_in(session("s2"), ANNA, handle("cookie-2", session_name="s2"))
        await store.save_sign_in(session("s3", BERT), BERT, handle("cookie-3", session_name="s3"))
        claimed = await store.claim_renewal("session-s1", NOW, NOW + MINUTE)
        assert claimed
        moved = replace(ANNA, claims={"groups": ("guests",)})
        assert await store.save_renewal(claimed.session, moved, NOW)
        other = await store.find_session("session-s2", NOW)
        assert other
        assert other.user == moved
        assert {change.subject for change in await store.changes_since(0)} == {"session-s1", "session-s2"}

    async def test_a_sign_in_with_another_profile_is_news_of_the_other_sessions(self, store: SessionStore) -> None:
        await store.save_sign_in(session("s1"), ANNA, handle())
        await store.save_sign_in(session("s2"), ANNA, handle("cookie-2", session_name="s2"))
        assert list(await store.changes_since(0)) == []
        await store.save_sign_in(session("s3"), replace(ANNA, name="Another"), handle("cookie-3", session_name="s3"))
        assert {change.subject for change in await store.changes_since(0)} == {"session-s1", "session-s2"}

    async def test_the_right_can_go_on_behind_a_first_result(self, store: SessionStore) -> None:
        await store.save_sign_in(due(), ANNA, handle())
        claimed = await store.claim_renewal("session-s1", NOW, NOW + MINUTE)
        assert claimed
        assert await store.save_renewal(claimed.session, ANNA, NOW, NOW + 2 * MINUTE)
        assert await store.claim_renewal("session-s1", NOW + MINUTE, NOW + HOUR) is None
        assert await store.save_renewal(replace(claimed.session, version=claimed.session.version + 1), ANNA, NOW)
        assert await store.claim_renewal("session-s1", NOW, NOW + MINUTE)

    # what is due

    async def test_a_worker_finds_what_is_due_earliest_first(self, store: SessionStore) -> None:
        await store.save_sign_in(due("b", NOW - MINUTE), ANNA, handle("b", session_name="b"))
        await store.save_sign_in(due("a", NOW), ANNA, handle("a", session_name="a"))
        await store.save_sign_in(due("later", NOW + SECOND), ANNA, handle("l", session_name="later"))
        await store.save_sign_in(due("held", NOW), ANNA, handle("h", session_name="held"))
        assert await store.claim_renewal("session-held", NOW, NOW + MINUTE)
        assert list(await store.sessions_due(NOW, NOW - HOUR)) == ["session-b", "session-a"]
        assert list(await store.sessions_due(NOW, NOW - HOUR, limit=1)) == ["session-b"]

    async def test_profiles_are_looked_after_for_those_who_are_there(self, store: SessionStore) -> None:
        await store.save_sign_in(due(tokens=None, profile=NOW), ANNA, handle())
        assert list(await store.sessions_due(NOW, NOW)) == ["session-s1"]
        assert list(await store.sessions_due(NOW, NOW + SECOND)) == []

    async def test_one_holder_has_a_lease_until_it_ends(self, store: SessionStore) -> None:
        held = [store.hold_lease("renewal", f"holder-{number}", NOW, NOW + MINUTE) for number in range(10)]
        assert (await asyncio.gather(*held)).count(True) == 1
        assert await store.hold_lease("purge", "b", NOW, NOW + MINUTE)
        assert await store.hold_lease("purge", "b", NOW + SECOND, NOW + 2 * MINUTE)
        assert not await store.hold_lease("purge", "c", NOW + MINUTE, NOW + HOUR)
        assert await store.hold_lease("purge", "c", NOW + 2 * MINUTE, NOW + HOUR)

    # operators

    async def test_sessions_are_selected_by_what_is_known_of_them(self, store: SessionStore) -> None:
        await _three(store)
        chosen = [
            (Selection(), "s1 s2 s3"),
            (Selection(session_id="session-s2"), "s2"),
            (Selection(user="anna"), "s1 s2"),
            (Selection(user="anna@example.com"), "s1 s2"),
            (Selection(user="bert", provider_id="main"), ""),
            (Selection(provider_id="other"), "s3"),
        ]
        for which, expected in chosen:
            found = await store.select_sessions(which, NOW)
            assert " ".join(known.session.id.removeprefix("session-") for known in found) == expected, which
        pages = [await store.select_sessions(Selection(), NOW, limit=2, after=after) for after in ("", "session-s2")]
        assert [[known.session.id[-2:] for known in page] for page in pages] == [["s1", "s2"], ["s3"]]
        assert list(await store.select_sessions(Selection(), NOW + 8 * HOUR)) == []

    async def test_selected_sessions_are_ended_in_batches(self, store: SessionStore) -> None:
        await _three(store)
        assert len(await store.end_selected(Selection(user="anna"), NOW, limit=1)) == 1
        assert len(await store.end_selected(Selection(user="anna"), NOW)) == 1
        assert len(await store.end_selected(Selection(user="anna"), NOW)) == 0
        assert [known.session.id for known in await store.select_sessions(Selection(), NOW)] == ["session-s3"]
        assert {change.subject for change in await store.changes_since(0)} == {"session-s1", "session-s2"}

    async def test_the_feed_tells_how_far_it_reaches(self, store: SessionStore) -> None:
        assert await store.latest_change() == 0
        await _three(store)
        await store.end_selected(Selection(), NOW)
        assert await store.latest_change() == (await store.changes_since(0))[-1].sequence


async def _three(store: SessionStore) -> None:
    third = replace(session("s3", BERT), provider_id="other")
    for each, user in ((session("s1"), ANNA), (session("s2"), ANNA), (third, BERT)):
        await store.save_sign_in(each, user, handle(each.id, session_name=each.id.removeprefix("session-")))
