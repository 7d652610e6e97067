"""A zip bundle: one member for each type of record, named after it (`example.com/employee.json`)."""

import zipfile
from collections.abc import Iterator
from io import BytesIO

from access_model.external_data.rows import DataInvalid

MAX_BYTES = 256 << 20
"""What all members together may unfold to."""
SUFFIXES = (".json", ".csv")


def is_bundle(content: bytes) -> bool:
    """Whether these bytes begin like a zip archive."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def members(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Type, name and bytes of each data file in a bundle; other members are let be. Raises `DataInvalid`."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
                raise DataInvalid(f"it unfolds to more than {MAX_BYTES >> 20} megabytes")
            for info in sorted(archive.infolist(), key=lambda each: each.filename):
                kind, dot, suffix = info.filename.rpartition(".")
                if f"{dot}{suffix.lower()}" in SUFFIXES and kind:
                    yield kind, info.filename, archive.read(info)
    # An encrypted member raises RuntimeError, an unknown compression NotImplementedError.
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError) as error:
        raise DataInvalid(f"it is not a zip archive that can be read: {error}") from None
