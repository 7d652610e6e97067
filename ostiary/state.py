"""What one installation keeps between starts besides sessions: a shared secret and, on loopback, a local CA."""

import base64
import binascii
import contextlib
import os
import secrets
from pathlib import Path

from access_model.model import AccessModel
from access_model.secret import Secret
from ostiary.configuration import ConfigurationFile

SQLITE = "sqlite:///"
SECRET_FILE = "shared_secret"  # noqa: S105 - a file name
SECRET_BYTES = 32


class StateUnusable(Exception):
    """What was kept cannot be used; the message says which file and what to do."""

    code = "state-unusable"


def store_url(file: ConfigurationFile, model: AccessModel) -> str:
    """The store's URL with a SQLite path made absolute, since it was written relative to the configuration file."""
    if not model.store_url.startswith(SQLITE):
        return model.store_url
    return SQLITE + str(file.resolve(model.store_url.removeprefix(SQLITE)))


def state_folder(file: ConfigurationFile, model: AccessModel) -> Path:
    """Where state lies: beside the SQLite file, or `.state` beside the configuration. Made with mode 0700."""
    url = store_url(file, model)
    folder = Path(url.removeprefix(SQLITE)).parent if url.startswith(SQLITE) else file.folder / ".state"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def shared_secret(model: AccessModel, folder: Path) -> Secret:
    """The configured secret, else the one kept in `folder`, made at the first start."""
    if model.shared_secret is not None:
        return model.shared_secret
    path = folder / SECRET_FILE
    with contextlib.suppress(FileExistsError):
        _keep(path, base64.b64encode(secrets.token_bytes(SECRET_BYTES)))
    try:
        kept = base64.b64decode(path.read_bytes(), validate=True)
    except binascii.Error:
        kept = b""
    if len(kept) < SECRET_BYTES:
        raise StateUnusable(
            f"`{path}` holds no usable secret; restore it, or delete it together with the store to begin anew"
            " (everyone signs in again)"
        )
    return Secret.of(kept)


def _keep(path: Path, content: bytes) -> None:
    """Write a file that only we may read, all or nothing. Raises FileExistsError where there is one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
