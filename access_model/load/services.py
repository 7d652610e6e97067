"""Addresses of our own services, the store, and how Envoy is started."""

from access_model.load.addresses import TcpAddress, service_address
from access_model.load.listener import admin_address
from access_model.load.problems import Mistake, Report
from access_model.load.sources import Sources
from access_model.model import EnvoySettings, OperationsAddresses, ServiceAddresses
from access_model.schema import ServiceKeys, Settings

DEFAULT_STORE = "sqlite:///.state/ostiary.sqlite3"
_STORE_URL = ("session_store_url", "databroker_storage_connection_string")
_OPERATORS = ("envoy_admin_address", "health_check_addr", "metrics_address")
_SERVICES = ("xds_address", "check_address", "web_address")
_LISTENING = ("xds_listen", "check_listen", "web_listen")


def services(keys: ServiceKeys | None, report: Report) -> ServiceAddresses | None:
    """The fixed addresses; None when none are given or one cannot be used."""
    if keys is None:
        return None
    given = {name: getattr(keys, name) for name in _SERVICES}
    for name, text in given.items():
        path = ("services", name)
        if text is None and not report.broken(path):
            report.error(path, "missing", f"`{name}` is missing", "give all three addresses, or none")
    listening = {name: getattr(keys, name) for name in _LISTENING}
    for name, text in (given | listening).items():
        if text is not None:
            report.attempt(("services", name), service_address, text)
    if keys.tls is None:
        _check_exposure(keys, report)
    texts = [text for text in given.values() if text is not None]
    if len(set(texts)) < len(texts):
        report.error(("services",), "given-twice", "two services have the same address", "give each its own")
    if len(texts) < len(_SERVICES):
        return None
    return ServiceAddresses(*given.values(), *(text or "" for text in listening.values()))


def own_addresses(settings: Settings) -> list[tuple[str, TcpAddress]]:
    """The TCP addresses of our services and of Envoy's admin interface, each with what listens there."""
    texts = _service_texts(settings) + [(name, getattr(settings, name)) for name in _OPERATORS]
    return [(name, address) for name, text in texts if text and (address := _tcp_or_none(text))]


def operations(settings: Settings, report: Report) -> OperationsAddresses:
    """Where operators look after us."""
    health, metrics = settings.health_check_addr, settings.metrics_address
    for name, text in (("health_check_addr", health), ("metrics_address", metrics)):
        if text is not None:
            report.attempt((name,), service_address, text)
    if health is not None and health == metrics:
        report.error(
            ("metrics_address",), "given-twice", "`health_check_addr` is the same and has `/metrics`", "leave it out"
        )
    return OperationsAddresses(health, metrics)


def own_sockets(settings: Settings) -> dict[str, str]:
    """The Unix sockets of our services: path to what listens there."""
    texts = _service_texts(settings) + [(name, getattr(settings, name)) for name in _OPERATORS]
    return {text.removeprefix("unix://"): name for name, text in texts if text and text.startswith("unix://")}


def store_url(settings: Settings, sources: Sources, report: Report) -> str:
    """Where sessions are kept. A URL may hold a password, so no message shows it."""
    given = [written for key in _STORE_URL if (written := sources.value(settings, key)) is not None]
    for further in given[1:]:
        report.error(further.path, "given-twice", f"`{given[0].path[0]}` is given as well", "keep one of them")
    if not given:
        return DEFAULT_STORE
    return report.attempt(given[-1].path, _checked_store_url, given[-1].text) or DEFAULT_STORE


def envoy(settings: Settings, report: Report) -> EnvoySettings:
    """How Envoy is started."""
    if settings.envoy_admin_address is not None:
        report.attempt(("envoy_admin_address",), admin_address, settings.envoy_admin_address)
    level = settings.envoy.log_level
    return EnvoySettings(
        path=settings.envoy.path,
        concurrency=settings.envoy.concurrency,
        log_level="warning" if level == "warn" else level,
        admin_address=settings.envoy_admin_address,
    )


def _service_texts(settings: Settings) -> list[tuple[str, str | None]]:
    keys = settings.services
    return [(name, getattr(keys, name)) for name in (*_SERVICES, *_LISTENING)] if keys is not None else []


def _check_exposure(keys: ServiceKeys, report: Report) -> None:
    """Without TLS, who reaches xDS gets private keys, and who reaches `Check` is believed what he tells."""
    for name, listening in zip(_SERVICES, _LISTENING, strict=True):
        key = name if getattr(keys, listening) is None else listening
        text = getattr(keys, key)
        address = text and _tcp_or_none(text)
        if not address or address.loopback:
            continue
        if name == "xds_address":
            message = f"`{text}` can be reached from outside, and xDS hands out private keys"
            remedy = "give `services.tls`, or use a Unix socket or a loopback address"
            report.error(("services", key), "exposed-xds", message, remedy)
        else:
            message = f"`{text}` can be reached from outside, and believes whoever reaches it"
            report.warn(
                ("services", key), "exposed-service", message, "give `services.tls`, or let only Envoys reach it"
            )


def _checked_store_url(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if url == "memory://":
        return url
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and ":memory:" not in rest:
        return url
    if scheme in ("postgresql", "postgres") and separator and rest:
        return f"postgresql://{rest}"
    message = "this is not the URL of a store"
    raise Mistake("bad-store-url", message, "write `sqlite:///path`, `postgresql://user@host/name` or `memory://`")


def _tcp_or_none(text: str) -> TcpAddress | None:
    try:
        return service_address(text)
    except Mistake:
        return None
