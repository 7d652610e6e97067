"""The contract of `SessionStore`: every implementation passes this suite, with a clock that the tests wind forward."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from session_store.records import CHANGES_KEPT, EVERY_HOST, KEYS_CHANGED, Change, KnownSession, SigningKey
from session_store.repository import SessionStore
from tests.session_store.samples import (
    ANNA,
    BERT,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    handle,
    keeping,
    seen,
    session,
    signing_key,
    token_hash,
    unless_kept,
)

COOKIE = token_hash("cookie-1")
APP = "app.example.com"


class StoreContract:
    """Subclass it with a fixture `store` that gives an empty store."""

    # signing in

    async def test_a_sign_in_is_found_by_its_cookie_exactly_as_it_was_saved(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        assert await store.find_by_handle(COOKIE, APP, NOW) == KnownSession(session(), ANNA)
        assert await store.find_session("session-s1", NOW) == KnownSession(session(), ANNA)

    async def test_a_session_without_tokens_and_a_user_of_few_words_come_back_too(self, store: SessionStore) -> None:
        plain = replace(session(user=BERT), tokens=type(session().tokens)(), claims={})
        await store.save_sign_in(plain, BERT, handle())
        assert await store.find_by_handle(COOKIE, APP, NOW) == KnownSession(plain, BERT)

    async def test_unknown_cookies_and_sessions_are_none(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        assert await store.find_by_handle(token_hash("another"), APP, NOW) is None
        assert await store.find_session("session-s2", NOW) is None

    async def test_signing_in_again_replaces_the_user_and_keeps_the_other_session(self, store: SessionStore) -> None:
        renamed = replace(ANNA, name="Anna B.", email="b@example.com", email_verified=None, claims={})
        await store.save_sign_in(session("s1"), ANNA, handle())
        await store.save_sign_in(session("s2"), renamed, handle("cookie-2", session_name="s2"))
        assert await store.find_session("session-s1", NOW) == KnownSession(session("s1"), renamed)
        assert await store.find_session("session-s2", NOW) == KnownSession(session("s2"), renamed)

    async def test_users_of_two_issuers_are_two_users(self, store: SessionStore) -> None:
        other = replace(ANNA, issuer="https://other.example", name="Another Anna")
        await store.save_sign_in(session("s1"), ANNA, handle())
        await store.save_sign_in(session("s2", other), other, handle("cookie-2", session_name="s2"))
        first, second = [await store.find_session(f"session-{name}", NOW) for name in ("s1", "s2")]
        assert first
        assert second
        assert (first.user, second.user) == (ANNA, other)

    async def test_times_are_kept_in_utc_whatever_zone_they_came_in(self, store: SessionStore) -> None:
        east = timezone(timedelta(hours=9))
        await store.save_sign_in(replace(session(), expires=(NOW + HOUR).astimezone(east)), ANNA, handle())
        assert await store.find_session("session-s1", NOW + HOUR - SECOND)
        assert await store.find_session("session-s1", (NOW + HOUR).astimezone(east)) is None

    # handles

    async def test_a_cookie_opens_no_other_host(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle(host=APP))
        for host in ("other.example.com", "example.com", "a.app.example.com", "xapp.example.com", "", "."):
            assert await store.find_by_handle(COOKIE, host, NOW) is None

    async def test_a_domain_cookie_opens_the_domain_and_what_is_below_it(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle(host=".example.com"))
        for host in ("example.com", "app.example.com", "a.b.example.com", ".example.com"):
            assert await store.find_by_handle(COOKIE, host, NOW)
        for host in ("badexample.com", "example.com.evil", "com", "", "example.org"):
            assert await store.find_by_handle(COOKIE, host, NOW) is None

    async def test_a_service_accounts_handle_opens_every_host(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle(host=EVERY_HOST))
        for host in ("app.example.com", "example.org"):
            assert await store.find_by_handle(COOKIE, host, NOW)
        await store.end_session("session-s1", NOW)
        assert await store.find_by_handle(COOKIE, APP, NOW) is None

    async def test_a_second_host_gets_its_own_handle(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        assert await store.add_handle(handle("cookie-2", "other.example.com"))
        assert await store.find_by_handle(token_hash("cookie-2"), "other.example.com", NOW)
        assert await store.find_by_handle(token_hash("cookie-2"), APP, NOW) is None

    async def test_a_session_that_is_gone_gets_no_handle(self, store: SessionStore) -> None:
        assert not await store.add_handle(handle())
        assert await store.find_by_handle(COOKIE, APP, NOW) is None

    async def test_an_ended_session_gets_no_handle(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        await store.end_session("session-s1", NOW)
        assert not await store.add_handle(handle("cookie-2"))
        assert await store.find_by_handle(token_hash("cookie-2"), APP, NOW) is None

    async def test_an_expired_session_gets_no_handle(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        assert not await store.add_handle(replace(handle("cookie-2"), created=NOW + 8 * HOUR))

    # the session's life

    async def test_a_session_is_over_at_its_end_and_not_before(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        assert await store.find_by_handle(COOKIE, APP, NOW + 8 * HOUR - SECOND)
        assert await store.find_by_handle(COOKIE, APP, NOW + 8 * HOUR) is None
        assert await store.find_session("session-s1", NOW + 8 * HOUR) is None

    async def test_use_is_recorded_and_never_turned_back(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        await store.touch("session-s1", NOW + MINUTE)
        await store.touch("session-s1", NOW)
        await store.touch("session-unknown", NOW + HOUR)
        assert await store.find_session("session-s1", NOW) == KnownSession(seen(session(), NOW + MINUTE), ANNA)

    async def test_ending_a_session_returns_it_with_its_tokens_and_closes_every_host(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        await store.add_handle(handle("cookie-2", "other.example.com"))
        assert await store.end_session("session-s1", NOW) == KnownSession(session(), ANNA)
        assert await store.find_by_handle(COOKIE, APP, NOW) is None
        assert await store.find_by_handle(token_hash("cookie-2"), "other.example.com", NOW) is None
        assert await store.find_session("session-s1", NOW) is None

    async def test_a_session_ends_once(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        ended = await asyncio.gather(*(store.end_session("session-s1", NOW) for _ in range(5)))
        assert [known is not None for known in ended].count(True) == 1
        assert await store.end_session("session-unknown", NOW) is None
        assert len(await store.changes_since(0)) == 1

    async def test_an_end_and_new_handles_at_once_leave_no_handle_behind(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        hosts = [f"h{number}.example.com" for number in range(8)]
        adding = [store.add_handle(handle(host, host)) for host in hosts]
        await asyncio.gather(*adding[:4], store.end_session("session-s1", NOW), *adding[4:])
        assert [await store.find_by_handle(token_hash(host), host, NOW) for host in hosts] == [None] * 8

    async def test_ending_one_session_leaves_the_others_of_the_user(self, store: SessionStore) -> None:
        await store.save_sign_in(session("s1"), ANNA, handle())
        await store.save_sign_in(session("s2"), ANNA, handle("cookie-2", session_name="s2"))
        await store.end_session("session-s1", NOW)
        assert await store.find_by_handle(token_hash("cookie-2"), APP, NOW)

    async def test_a_provider_session_ends_with_all_that_hang_on_it_and_nothing_else(self, store: SessionStore) -> None:
        other = replace(ANNA, issuer="https://other.example")
        foreign = replace(session("s3", other), provider_session="provider-s1")
        for each, user in ((session("s1"), ANNA), (session("s2"), ANNA), (foreign, other)):
            await store.save_sign_in(each, user, handle(each.id, session_name=each.id.removeprefix("session-")))
        ended = await store.end_sessions(ANNA.issuer, NOW, provider_session="provider-s1")
        assert list(ended) == [KnownSession(session("s1"), ANNA)]
        assert await store.find_by_handle(token_hash("session-s1"), APP, NOW) is None
        assert await store.find_session("session-s2", NOW)
        assert await store.find_session("session-s3", NOW)
        assert [change.subject for change in await store.changes_since(0)] == ["session-s1"]
        assert list(await store.end_sessions(ANNA.issuer, NOW, provider_session="provider-s1")) == []

    async def test_all_sessions_of_a_user_end_oldest_first_but_for_the_spared_one(self, store: SessionStore) -> None:
        for minutes, name in enumerate(("s1", "s2", "s3")):
            older = replace(session(name), created=NOW - minutes * MINUTE)
            await store.save_sign_in(older, ANNA, handle(name, session_name=name))
        await store.save_sign_in(session("b", BERT), BERT, handle("b", session_name="b"))
        assert [known.session.id for known in await store.sessions_of(ANNA.issuer, "anna", NOW)] == [
            f"session-{name}" for name in ("s1", "s2", "s3")
        ]
        ended = await store.end_sessions(ANNA.issuer, NOW, user_id="anna", spared="session-s2")
        assert [known.session.id for known in ended] == ["session-s3", "session-s1"]
        assert [known.session.id for known in await store.sessions_of(ANNA.issuer, "anna", NOW)] == ["session-s2"]
        assert await store.find_session("session-b", NOW)

    async def test_a_user_and_a_provider_session_together_end_what_may_be_meant(self, store: SessionStore) -> None:
        unknown = replace(session("s3"), provider_session="")
        for each in (session("s1"), session("s2"), unknown):
            await store.save_sign_in(each, ANNA, handle(each.id, session_name=each.id.removeprefix("session-")))
        ended = await store.end_sessions(ANNA.issuer, NOW, provider_session="provider-s1", user_id="anna")
        assert sorted(known.session.id for known in ended) == ["session-s1", "session-s3"]
        assert not await store.end_sessions(ANNA.issuer, NOW, provider_session="provider-s2", user_id="bert")

    async def test_sessions_are_not_ended_without_saying_whose(self, store: SessionStore) -> None:
        with pytest.raises(ValueError, match="provider session or by user"):
            await store.end_sessions(ANNA.issuer, NOW)

    async def test_expired_sessions_are_not_listed(self, store: SessionStore) -> None:
        await store.save_sign_in(session(), ANNA, handle())
        assert list(await store.sessions_of(ANNA.issuer, "anna", NOW + 8 * HOUR)) == []
        assert list(await store.sessions_of(ANNA.issuer, "anna", NOW, limit=0)) == []

    # single use

    async def test_a_value_is_claimed_once_per_purpose(self, store: SessionStore) -> None:
        assert await store.claim_once("ticket", "v", NOW + MINUTE, NOW)
        assert not await store.claim_once("ticket", "v", NOW + MINUTE, NOW)
        assert await store.claim_once("state", "v", NOW + MINUTE, NOW)
        assert await store.claim_once("ticket", "w", NOW + MINUTE, NOW)

    async def test_an_expired_value_cannot_be_claimed_not_even_after_its_mark_was_purged(
        self, store: SessionStore
    ) -> None:
        assert await store.claim_once("ticket", "v", NOW + MINUTE, NOW)
        assert await store.purge(NOW + MINUTE) == 1
        assert not await store.claim_once("ticket", "v", NOW + MINUTE, NOW + MINUTE)

    async def test_one_of_many_callers_wins(self, store: SessionStore) -> None:
        claims = await asyncio.gather(*(store.claim_once("state", "v", NOW + MINUTE, NOW) for _ in range(20)))
        assert claims.count(True) == 1

    # signing keys

    async def test_there_is_no_key_at_first(self, store: SessionStore) -> None:
        assert list(await store.signing_keys()) == []

    async def test_keys_are_kept_as_they_were_made_newest_first(self, store: SessionStore) -> None:
        old = replace(signing_key("a"), signs_from=NOW, withdrawn=NOW + HOUR)
        new = replace(signing_key("b", NOW + MINUTE), signs_from=NOW + HOUR)
        following = signing_key("c", NOW + HOUR)
        assert list(await store.change_signing_keys(keeping(new, following, old), NOW)) == [following, new, old]
        assert list(await store.signing_keys()) == [following, new, old]

    async def test_a_change_replaces_adds_and_removes_and_the_feed_is_told_once(self, store: SessionStore) -> None:
        await store.change_signing_keys(keeping(signing_key("a"), signing_key("b")), NOW)
        signs = replace(signing_key("b"), signs_from=NOW + HOUR)
        changed = await store.change_signing_keys(keeping(signs, signing_key("c")), NOW + HOUR)
        assert {key.kid: key for key in changed} == {key.kid: key for key in (signs, signing_key("c"))}
        told = [(change.kind, change.subject, change.at) for change in await store.changes_since(0)]
        assert told == [(KEYS_CHANGED, "", NOW), (KEYS_CHANGED, "", NOW + HOUR)]

    async def test_what_does_not_change_the_keys_is_not_told(self, store: SessionStore) -> None:
        await store.change_signing_keys(keeping(signing_key("a")), NOW)
        position = await store.latest_change()
        assert list(await store.change_signing_keys(lambda kept: [*kept][::-1], NOW)) == [signing_key("a")]
        assert list(await store.changes_since(position)) == []

    async def test_a_change_that_fails_changes_nothing(self, store: SessionStore) -> None:
        await store.change_signing_keys(keeping(signing_key("a")), NOW)

        def fails(kept: Sequence[SigningKey]) -> Sequence[SigningKey]:
            raise KeyError(kept[0].kid)

        with pytest.raises(KeyError):
            await store.change_signing_keys(fails, NOW)
        assert list(await store.signing_keys()) == [signing_key("a")]

    async def test_two_that_start_at_once_agree_on_one_key(self, store: SessionStore) -> None:
        kept = await asyncio.gather(
            *(store.change_signing_keys(unless_kept(signing_key(name)), NOW) for name in "abcdef")
        )
        assert len({tuple(key.kid for key in keys) for keys in kept}) == 1
        assert len(await store.signing_keys()) == 1

    # the change feed

    async def test_changes_come_in_order_and_from_where_the_reader_left_off(self, store: SessionStore) -> None:
        for name in ("s1", "s2", "s3"):
            await store.save_sign_in(session(name), ANNA, handle(name, session_name=name))
            await store.end_session(f"session-{name}", NOW)
        feed = await store.changes_since(0)
        assert [(change.kind, change.subject, change.at) for change in feed] == [
            ("session_revoked", f"session-{name}", NOW) for name in ("s1", "s2", "s3")
        ]
        numbers = [change.sequence for change in feed]
        assert numbers == sorted(set(numbers))
        assert list(await store.changes_since(numbers[0])) == list(feed[1:])
        assert list(await store.changes_since(0, limit=2)) == list(feed[:2])
        assert list(await store.changes_since(numbers[-1])) == []

    async def test_a_number_is_not_given_again_after_a_purge(self, store: SessionStore) -> None:
        last = await _end_one(store, "s1")
        assert await store.purge(NOW + CHANGES_KEPT) == 1
        assert list(await store.changes_since(0)) == []
        assert (await _end_one(store, "s2")).sequence > last.sequence

    # housekeeping

    async def test_purge_takes_what_has_expired_and_nothing_else(self, store: SessionStore) -> None:
        await store.save_sign_in(session("old"), ANNA, handle("old", session_name="old"))
        await store.save_sign_in(replace(session("new"), expires=NOW + DAY), ANNA, handle("new", session_name="new"))
        await store.claim_once("ticket", "old", NOW + MINUTE, NOW)
        await store.claim_once("ticket", "new", NOW + DAY, NOW)
        assert await store.purge(NOW) == 0
        assert await store.purge(NOW + 8 * HOUR) == 2
        assert await store.purge(NOW + 8 * HOUR) == 0
        assert await store.find_session("session-old", NOW) is None
        assert await store.find_by_handle(token_hash("new"), APP, NOW + 8 * HOUR)
        assert not await store.claim_once("ticket", "new", NOW + DAY, NOW + 8 * HOUR)

    async def test_purge_stops_at_its_limit_per_kind(self, store: SessionStore) -> None:
        for number in range(5):
            await store.claim_once("ticket", f"v{number}", NOW + MINUTE, NOW)
        assert [await store.purge(NOW + MINUTE, limit=2) for _ in range(4)] == [2, 2, 1, 0]

    async def test_check_answers_and_close_may_come_twice(self, store: SessionStore) -> None:
        await store.check()
        await store.close()
        await store.close()


async def _end_one(store: SessionStore, name: str) -> Change:
    await store.save_sign_in(session(name), ANNA, handle(name, session_name=name))
    await store.end_session(f"session-{name}", NOW)
    return (await store.changes_since(0))[-1]
