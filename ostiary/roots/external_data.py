"""External data for a running service: read off the event loop, with every file that cannot be used in the log."""

import asyncio

import structlog

from access_model.external_data import NO_DATA, ExternalData
from access_model.model import AccessModel
from ostiary import external_data
from ostiary.configuration import ConfigurationFile

log = structlog.get_logger(__name__)


async def read_data(file: ConfigurationFile, model: AccessModel, before: ExternalData = NO_DATA) -> ExternalData:
    """What all sources say; one that cannot be read keeps what it said before. Raises `DataUnusable` without that."""
    if not model.external_data:
        return NO_DATA
    data, problems = await asyncio.to_thread(external_data.read_data, file, model, before)
    for problem in problems:
        log.error(
            "external_data_refused",
            file=str(file.resolve(problem.file)),
            reason=problem.reason,
            meaning="what was read from it last stays in force",
        )
    return data
