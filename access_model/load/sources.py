"""Values that may stand in the file or in a file of their own: `shared_secret` or `shared_secret_file`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import final

from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.schema.base import Keys

MAX_FILE_BYTES = 1 << 20


@final
@dataclass(frozen=True, slots=True)
class Written:
    """A value with the place it came from."""

    path: Path
    """The key that gave it."""
    text: str = field(repr=False)
    """The value."""


@dataclass(slots=True)
class Sources:
    """Reads values and files, and remembers which files they were."""

    read_file: Callable[[str], bytes]
    """Returns a file's bytes, or raises `OSError`; the name is given as the operator wrote it."""
    report: Report
    """Where problems go."""
    list_folder: Callable[[str], Sequence[str] | None] = lambda _: None
    """Returns the names of a folder's files, or None for what is no folder."""
    files: list[str] = field(default_factory=list)
    """Names of the files that were read, as written."""

    def value(self, keys: Keys, key: str, above: Path = ()) -> Written | None:
        """The value of `key` or of its `_file` form; None when neither is given or it cannot be read.

        `above` is the path of the group that `keys` are; the default is the top of the file.
        """
        direct, name = getattr(keys, key), getattr(keys, f"{key}_file")
        file = (*above, f"{key}_file")
        if direct is not None and name is not None:
            remedy = f"keep `{key}` or `{key}_file`"
            self.report.error(file, "given-twice", f"`{key}` is given as well", remedy)
        if direct is not None:
            return Written((*above, key), direct)
        text = None if name is None else self.file(file, name)
        return None if text is None else Written(file, text.strip())

    def file(self, path: Path, name: str) -> str | None:
        """The text of a file; what goes wrong is reported at the path that names it."""
        self.files.append(name)
        remedy = "correct the name or the file's permissions"
        try:
            content = self.read_file(name)
        except OSError as error:
            reason = (error.strerror or "it cannot be read").lower()
            self.report.error(path, "unreadable-file", f"the file `{name}` cannot be read: {reason}", remedy)
            return None
        except ValueError:
            self.report.error(path, "unreadable-file", "this is not the name of a file", remedy)
            return None
        try:
            if len(content) > MAX_FILE_BYTES:
                raise ValueError
            return content.decode()
        except ValueError:
            message = f"the file `{name}` is not a text of at most one megabyte"
            self.report.error(path, "unreadable-file", message, "name the right file")
            return None
