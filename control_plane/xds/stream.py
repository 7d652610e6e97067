"""One ADS stream, state of the world or Delta: requests and snapshots in, effects out.

No socket, clock or chance. https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol

1.  The first request of a type carries no nonce. A request without a type, or one that answers a
    response before there was any, is illegal: it changes nothing and closes the stream.
2.  Types are independent: nonce, subscription, push in flight. Nonces are unique within the stream.
3.  SotW: a request with a stale nonce was written before our last response was read, and is ignored:
    its author answers that response with the names it then wants. Delta: its differences count.
4.  A response is refused if, and only if, its answer has an `error_detail`. A refused version is not
    sent again, the next changed one is.
5.  Only changes are sent, and what a client has newly asked for (see `Subscription`).
6.  A cluster that changes waits, warming, for new endpoints even if they are the same, so they are
    pushed after it.
7.  A new stream: named types are sent again, a wildcard of an unchanged version is not. Delta clients
    say what they kept and get the differences.
8.  Order: what is named goes before what names it. A listener or route configuration that names a new
    cluster is held back until that has been sent, and answered if that answer is not long in coming: it
    waits for one answer, no more, so that a rapid succession of new clusters cannot starve it.
    Removal goes the other way round (see `Horizon`).
9.  That holds from one stream to the next, too, and so across a restart of the server: a Delta client that
    resumes loses nothing before all that may name it, and that it kept in a version which is not ours, was
    replaced or has gone; nor an upstream before `release`, for a request may have taken its route to that
    already. A SotW client does not say what it kept.
"""

from collections.abc import Mapping, Set

from control_plane.snapshot import PUSH_ORDER, Reference, Resource, Snapshot, TypeUrl
from control_plane.xds.effects import Acked, Close, Effect, Rejected, Send
from control_plane.xds.horizon import Horizon
from control_plane.xds.messages import DeltaRequest, DeltaResponse, Request, Response
from control_plane.xds.subscription import Draft, Subscription, Variant

_NAME_CLUSTERS = frozenset({TypeUrl.LISTENER, TypeUrl.ROUTE, TypeUrl.VIRTUAL_HOST})
_UPSTREAM = frozenset({TypeUrl.SECRET, TypeUrl.CLUSTER, TypeUrl.ENDPOINT})
_NAMED_BY: Mapping[str, tuple[TypeUrl, ...]] = {
    TypeUrl.SECRET: (TypeUrl.CLUSTER, TypeUrl.LISTENER),
    TypeUrl.CLUSTER: (TypeUrl.EXTENSION_CONFIG, TypeUrl.LISTENER, TypeUrl.ROUTE, TypeUrl.VIRTUAL_HOST),
    TypeUrl.ENDPOINT: (TypeUrl.CLUSTER,),
    TypeUrl.EXTENSION_CONFIG: (TypeUrl.LISTENER,),
    TypeUrl.ROUTE: (TypeUrl.LISTENER,),
    TypeUrl.VIRTUAL_HOST: (TypeUrl.ROUTE,),
}


class Stream:
    """The server's side of one ADS stream. Every method says what to do next."""

    def __init__(self, variant: Variant, snapshot: Snapshot) -> None:
        self._variant = variant
        self._horizon = Horizon(snapshot, self._references_held)
        self._subscriptions: dict[str, Subscription] = {}
        self._nonces = 0
        self._resumed = False
        self._released = False

    def receive(self, request: Request | DeltaRequest) -> list[Effect]:
        """Take in a request of the stream's own variant."""
        if problem := self._illegality(request):
            return [Close("INVALID_ARGUMENT", problem)]
        subscription = self._subscription(request.type_url)
        if isinstance(request, Request) and request.nonce != subscription.nonce:
            return []
        effects = self._answer(subscription, request)
        if isinstance(request, Request):
            effects += self._subscribe(subscription, request)
        else:
            effects += self._subscribe_delta(subscription, request)
        self._horizon.release()
        return effects + self._push()

    def publish(self, snapshot: Snapshot) -> list[Effect]:
        """Serve this snapshot from now on; what was published before and not sent is skipped."""
        self._horizon.advance(snapshot)
        for subscription in self._subscriptions.values():
            subscription.recognise(self._horizon.view(subscription.type_url))
        return self._push()

    def release(self) -> list[Effect]:
        """The stream is old enough: requests under way at its beginning have ended, and what was kept was told."""
        self._released = True
        return self._push()

    def _illegality(self, request: Request | DeltaRequest) -> str:
        assert isinstance(request, Request) is (self._variant is Variant.SOTW), "one variant per stream"
        if not request.type_url:
            return "a request on an aggregated stream must have a `type_url`"
        known = self._subscriptions.get(request.type_url)
        if request.nonce and (known is None or not known.opened):
            return f"the first request for `{request.type_url}` must not have a nonce, got `{request.nonce}`"
        return ""

    def _answer(self, subscription: Subscription, request: Request | DeltaRequest) -> list[Effect]:
        if subscription.in_flight is None or request.nonce != subscription.nonce:
            return []
        draft = subscription.answered(accepted=request.refusal is None)
        if request.refusal is None:
            return [Acked(subscription.type_url, draft.version)]
        return [Rejected(subscription.type_url, draft.version, request.refusal.message, draft.names)]

    def _subscribe(self, subscription: Subscription, request: Request) -> list[Effect]:
        first = not subscription.opened
        subscription.replace_names(request.names)
        view = self._horizon.view(subscription.type_url)
        if first and request.version and subscription.resume_all(request.version, view):
            return [Acked(subscription.type_url, view.version)]
        return []

    def _subscribe_delta(self, subscription: Subscription, request: DeltaRequest) -> list[Effect]:
        first, touched = not subscription.opened, subscription.owed
        subscription.alter_names(request.subscribe, request.unsubscribe)
        if not (first and request.initial_versions):
            return []
        self._resumed = True
        view = self._horizon.view(subscription.type_url)
        subscription.resume(request.initial_versions, view, touched)
        return [] if subscription.due(view) else [Acked(subscription.type_url, view.version)]

    def _push(self) -> list[Effect]:
        effects: list[Effect] = []
        for type_url in (*PUSH_ORDER, *sorted(self._subscriptions.keys() - set(PUSH_ORDER))):
            subscription = self._subscriptions.get(type_url)
            draft = subscription and self._due(subscription)
            if subscription and draft and not self._must_wait(subscription, draft):
                effects.append(self._send(subscription, draft))
        return effects

    def _due(self, subscription: Subscription) -> Draft | None:
        type_url = subscription.type_url
        return subscription.due(self._horizon.view(type_url), withhold=self._resumed and self._may_be_used(type_url))

    def _may_be_used(self, type_url: str) -> bool:
        """Whether the client may have kept something that leads to resources of this type, unknown to us."""
        if type_url in _UPSTREAM and not self._released:
            return True
        return any(map(self._may_be_foreign, _NAMED_BY.get(type_url, ())))

    def _may_be_foreign(self, type_url: TypeUrl) -> bool:
        subscription = self._subscriptions.get(type_url)
        if subscription is None or not subscription.opened:
            return not self._released
        return subscription.foreign

    def _must_wait(self, subscription: Subscription, draft: Draft) -> bool:
        clusters = self._subscriptions.get(TypeUrl.CLUSTER)
        if clusters is None or subscription.type_url not in _NAME_CLUSTERS:
            return False
        named = _named(draft.changed, TypeUrl.CLUSTER)
        if clusters.unsent(named, self._horizon.view(TypeUrl.CLUSTER)):
            return True
        if clusters.unanswered(named) and subscription.waited_for in {"", clusters.nonce}:
            subscription.waited_for = clusters.nonce
            return True
        return False

    def _send(self, subscription: Subscription, draft: Draft) -> Send:
        self._nonces += 1
        nonce = str(self._nonces)
        subscription.sent(draft, nonce, self._horizon.view(subscription.type_url))
        if subscription.type_url == TypeUrl.CLUSTER:
            self._subscription(TypeUrl.ENDPOINT).owe(_named(draft.changed, TypeUrl.ENDPOINT))
        if self._variant is Variant.SOTW:
            return Send(Response(subscription.type_url, draft.version, nonce, draft.resources))
        return Send(DeltaResponse(subscription.type_url, draft.version, nonce, draft.resources, draft.removed))

    def _subscription(self, type_url: str) -> Subscription:
        if type_url not in self._subscriptions:
            self._subscriptions[type_url] = Subscription(type_url, self._variant)
        return self._subscriptions[type_url]

    def _references_held(self, among: Set[Reference]) -> set[Reference]:
        return set().union(*(known.references(among) for known in self._subscriptions.values()))


def _named(resources: tuple[Resource, ...], type_url: TypeUrl) -> set[str]:
    return {
        reference.name for resource in resources for reference in resource.references if reference.type_url == type_url
    }
