"""One installation: a configuration file, what it says, and where its state lies."""

from dataclasses import dataclass
from pathlib import Path

from access_model.load import Loaded
from access_model.model import AccessModel
from access_model.secret import Secret
from ostiary import state
from ostiary.configuration import ConfigurationFile


@dataclass(frozen=True, slots=True)
class Installation:
    """A configuration that was read, with the paths it leads to."""

    file: ConfigurationFile
    """Where it was read from."""
    loaded: Loaded
    """What it says, and which files it names."""

    @property
    def model(self) -> AccessModel:
        """The access model."""
        return self.loaded.model

    @property
    def store_url(self) -> str:
        """URL of the session store; a SQLite path is absolute."""
        return state.store_url(self.file, self.model)

    @property
    def state_folder(self) -> Path:
        """Where secrets and certificates made by us are kept; made when missing."""
        return state.state_folder(self.file, self.model)

    def shared_secret(self) -> Secret:
        """The configured shared secret, or the one kept in the state folder. Raises `StateUnusable`."""
        return state.shared_secret(self.model, self.state_folder)
