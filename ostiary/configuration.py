"""Reading the operator's file: the only place that touches the file system on behalf of `access_model`."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from access_model.load import NOTHING_READ, Loaded, Memory, load
from service_kit.garbage import uncollected


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """The configuration file and how to read it again."""

    path: Path
    """As the operator named it."""

    @property
    def folder(self) -> Path:
        """Where relative paths inside the file begin."""
        return self.path.absolute().parent

    def resolve(self, name: str) -> Path:
        """A path written in the file, made absolute."""
        return self.folder / Path(name).expanduser()

    def read(self, environment: Mapping[str, str] = os.environ, *, memory: Memory = NOTHING_READ) -> Loaded:
        """Load and validate it. Raises `ConfigurationInvalid` with every problem, or `OSError`.

        `memory` is that of an earlier reading; only what has changed since is read again.
        """
        with uncollected():
            return load(
                self.path.read_text(encoding="utf-8"),
                source=str(self.path),
                environment=environment,
                read_file=self._reader(),
                now=datetime.now(UTC),
                list_folder=self._files_of,
                memory=memory,
            )

    def watched(self, loaded: Loaded) -> tuple[Path, ...]:
        """The file itself and every file that it names."""
        return (self.path, *(self.resolve(name) for name in loaded.files))

    def _reader(self) -> Callable[[str], bytes]:
        return lambda name: self.resolve(name).read_bytes()

    def _files_of(self, name: str) -> list[str] | None:
        folder = self.resolve(name)
        # Names that begin with a dot are how editors and mounted config maps keep what is not to be read.
        hidden = "."
        return (
            sorted(each.name for each in folder.iterdir() if each.is_file() and not each.name.startswith(hidden))
            if folder.is_dir()
            else None
        )
