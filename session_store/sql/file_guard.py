"""Watching over the database file: SQLite would go on writing into a file that nobody can find any more."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from session_store.repository import StoreUnavailable


@dataclass(frozen=True, slots=True)
class FileGuard:
    """The file that was opened, recognised by device and inode."""

    path: Path
    """Absolute path of the database file."""
    identity: tuple[int, int]
    """Device and inode at the time of opening."""

    @classmethod
    def watch(cls, path: Path) -> Self:
        """Remember the file that is at `path` now. Raises `OSError`."""
        return cls(path, _identity(path))

    def require_present(self) -> None:
        """Raise `StoreUnavailable` when the path does not lead to the opened file any more.

        A file that was put in its place is not taken up: its schema and its sequence of changes are unknown. Open the
        store again (restart) for that.
        """
        try:
            present = _identity(self.path)
        except OSError:
            raise StoreUnavailable(f"session store file `{self.path}` is gone: restore it and restart") from None
        if present != self.identity:
            raise StoreUnavailable(f"session store file `{self.path}` was replaced: restart to use the new one")


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
