"""Clients with all kinds of certificates, and the settings that judge them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.harness.authority import Authority, Issued

LAPTOP, PHONE = "laptop.clients.example.com", "phone.clients.example.com"
TRUSTED = ("laptop", "phone", "below")
"""Who has a certificate that counts: two of the root's, and one of an authority below it, which the client sends."""
UNTRUSTED = ("stranger", "namesake", "expired", "revoked", "misnamed", "deep", "server")
"""Who has one that does not."""
NOBODY = "nobody"
"""A client without any."""


@dataclass(frozen=True, slots=True)
class Clients:
    """An authority with one below it, and the certificates of everybody."""

    folder: Path
    """Where the files are."""
    root: Authority
    """The authority that is trusted."""
    below: Authority
    """One that it vouches for."""
    issued: dict[str, Issued]
    """Certificates by name."""
    files: dict[str, Path]
    """PEM files with what each client sends, and its key."""

    @property
    def settings(self) -> dict[str, Any]:
        """`downstream_mtls`, without `enforcement`."""
        return {
            "ca_file": str(self.folder / "clients-ca.pem"),
            "crl_file": str(self.folder / "clients-crl.pem"),
            "match_subject_alt_names": [{"dns": r".*\.clients\.example\.com"}],
            "max_verify_depth": 2,
        }

    def revoke(self, *names: str) -> None:
        """Write the lists anew, with these and no others in them."""
        revoked = [self.issued[name] for name in names]
        fresh = self.folder / "clients-crl.new"
        fresh.write_text(self.root.revocation_list(*revoked) + self.below.revocation_list(*revoked))
        fresh.replace(self.folder / "clients-crl.pem")


def make_clients(folder: Path) -> Clients:
    """Make everything, as files in `folder`."""
    root, stranger = Authority.root("Clients"), Authority.root("Clients")
    below = root.subordinate("Clients below")
    deepest = below.subordinate("Clients below that")
    earlier = datetime.now(UTC) - timedelta(hours=3)
    laptop, phone = x509.DNSName(LAPTOP), x509.DNSName(PHONE)
    issued = {
        "laptop": root.issue(laptop),
        "phone": root.issue(phone),
        "below": below.issue(laptop),
        "stranger": Authority.root("Others").issue(laptop),
        "namesake": stranger.issue(laptop),
        "expired": root.issue(laptop, now=earlier),
        "revoked": root.issue(laptop),
        "misnamed": root.issue(x509.DNSName("laptop.example.org")),
        "deep": deepest.issue(laptop),
        "server": root.issue(laptop, purpose=ExtendedKeyUsageOID.SERVER_AUTH),
    }
    sent = {"below": [below], "deep": [deepest, below]}
    files = {name: each.file(folder, *sent.get(name, ())) for name, each in issued.items()}
    (folder / "clients-ca.pem").write_text(root.pem)
    clients = Clients(folder, root, below, issued, files)
    clients.revoke("revoked")
    return clients
