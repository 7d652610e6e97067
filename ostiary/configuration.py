"""Reading the operator's file: the only place that touches the file system on behalf of `access_model`."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from access_model.load import Loaded, load


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

    def read(self, environment: Mapping[str, str] = os.environ) -> Loaded:
        """Load and validate it. Raises `ConfigurationInvalid` with every problem, or `OSError`."""
        return load(
            self.path.read_text(encoding="utf-8"),
            source=str(self.path),
            environment=environment,
            read_file=self._reader(),
            now=datetime.now(UTC),
        )

    def watched(self, loaded: Loaded) -> tuple[Path, ...]:
        """The file itself and every file that it names."""
        return (self.path, *(self.resolve(name) for name in loaded.files))

    def _reader(self) -> Callable[[str], bytes]:
        return lambda name: self.resolve(name).read_bytes()
