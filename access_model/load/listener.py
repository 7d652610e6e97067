"""Where clients reach Envoy, and with which certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from access_model.load.addresses import TcpAddress, bind_address
from access_model.load.client_certificates import client_certificates
from access_model.load.hosts import is_loopback, is_unspecified
from access_model.load.key_material import certificate, certificate_chain, validity_objection
from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.load.sources import Sources, Written
from access_model.model import Certificate, Listener, Origin, Redirect, Timeouts
from access_model.schema import CertificateKeys, Settings

_CERTIFICATE_KEYS = (
    ("certificates",),
    ("certificate",),
    ("certificate_file",),
    ("certificate_key",),
    ("certificate_key_file",),
)


@dataclass(frozen=True, slots=True)
class CertificateReader:
    """Reads certificates with their keys."""

    sources: Sources
    """Where files come from."""
    report: Report
    """Where problems go."""
    now: datetime | None
    """Against which validity is judged; None: not at all."""

    def all(self, settings: Settings) -> tuple[Certificate, ...]:
        """Every certificate that the settings name and that can be used."""
        chain = self.sources.value(settings, "certificate")
        key = self.sources.value(settings, "certificate_key")
        made = [self._pair((), chain, key)]
        for index, pair in enumerate(settings.certificates):
            path: Path = ("certificates", index)
            made.append(self._pair(path, *self._listed(path, pair), required=True))
        return tuple(each for each in made if each is not None)

    def _listed(self, path: Path, pair: CertificateKeys) -> tuple[Written | None, Written | None]:
        return self._file_or_pem((*path, "cert"), pair.cert), self._file_or_pem((*path, "key"), pair.key)

    def _file_or_pem(self, path: Path, text: str | None) -> Written | None:
        if text is not None and "-----BEGIN " not in text:
            text = self.sources.file(path, text)
        return None if text is None else Written(path, text)

    def _pair(
        self, path: Path, chain: Written | None, key: Written | None, *, required: bool = False
    ) -> Certificate | None:
        if chain is None or key is None:
            self._report_missing(path, chain, key, required=required)
            return None
        read = self.report.attempt(chain.path, certificate_chain, chain.text)
        if read is None:
            return None
        leaf, chain_pem = read
        if self.now is not None and (objection := validity_objection(leaf, self.now)) is not None:
            self.report.warn(chain.path, "certificate-validity", objection, "renew it; clients will refuse it")
        return self.report.attempt(key.path, lambda text: certificate(chain_pem, leaf, text), key.text)

    def _report_missing(self, path: Path, chain: Written | None, key: Written | None, *, required: bool) -> None:
        names = ("cert", "key") if required else ("certificate", "certificate_key")
        places = [(*path, name + suffix) for name in names for suffix in ("", "_file")]
        if (chain is None and key is None and not required) or self.report.broken(*places):
            return
        missing, present = (names[0], key) if chain is None else (names[1], chain)
        message = f"`{missing}` is missing"
        self.report.error(present.path if present else path, "incomplete-certificate", message, f"give `{missing}` too")


def listener(
    settings: Settings,
    certificates: tuple[Certificate, ...],
    sources: Sources,
    report: Report,
    now: datetime | None,
) -> Listener | None:
    """The listener of the settings; None when its address cannot be read."""
    asked = client_certificates(settings, sources, report, now)
    _check_http3(settings, report)
    redirect = _redirect(settings, report)
    default = ":80" if settings.insecure_server else ":443"
    address = report.attempt(("address",), bind_address, settings.address or default)
    if address is None:
        return None
    return Listener(
        address=address.host,
        port=address.port,
        insecure=settings.insecure_server,
        certificates=certificates,
        trusted_hops=settings.xff_num_trusted_hops,
        skip_xff_append=settings.skip_xff_append,
        proxy_protocol=settings.use_proxy_protocol,
        codec=settings.codec_type,
        timeouts=Timeouts(settings.timeout_read, settings.timeout_write, settings.timeout_idle),
        redirect=redirect,
        client_certificates=asked,
    )


def _check_http3(settings: Settings, report: Report) -> None:
    """Refuse what does not hold over QUIC: nobody may get in there who would not get in over TCP."""
    reasons = {
        "insecure_server": "HTTP/3 is always over TLS",
        "use_proxy_protocol": "HTTP/3 has no PROXY header to tell where clients are",
    }
    for key, reason in reasons.items():
        if settings.codec_type == "http3" and getattr(settings, key):
            report.error(("codec_type",), "http3-excluded", f"`{key}` is set, and {reason}", "write `codec_type: auto`")


def _redirect(settings: Settings, report: Report) -> Redirect | None:
    key = ("http_redirect_addr",)
    address = settings.http_redirect_addr and report.attempt(key, bind_address, settings.http_redirect_addr)
    if not address:
        return None
    if settings.insecure_server:
        message = "there is no https to redirect to: `insecure_server` is true"
        report.error(key, "redirect-without-tls", message, "remove one of them")
    elif settings.http_redirect_addr == settings.address:
        report.error(key, "given-twice", "`address` is the same", "choose another port, as `:80`")
    return Redirect(address.host, address.port)


def check_certificates(listens: Listener, origins: Sequence[Origin], report: Report) -> None:
    """Refuse a listener that needs a certificate and has none, unless a local authority may make one.

    That is so when nobody but this machine is served: a loopback address, or loopback names alone.
    """
    local = is_loopback(listens.address) and not is_unspecified(listens.address)
    if listens.insecure or listens.certificates or local or report.broken(("address",), *_CERTIFICATE_KEYS):
        return
    if not origins or not all(is_loopback(origin.host.removeprefix("*.")) for origin in origins):
        remedy = "add `certificates`, or `certificate_file` and `certificate_key_file`"
        report.error(("certificates",), "missing", "the listener speaks TLS but has no certificate", remedy)


def admin_address(text: str) -> TcpAddress:
    """Read the address of Envoy's admin interface, which anyone who reaches it controls. Raises `Mistake`."""
    address = bind_address(text)
    if not address.loopback:
        raise Mistake(
            "exposed-admin", f"`{text}` can be reached from outside", "use a loopback address, as `127.0.0.1:9901`"
        )
    return address
