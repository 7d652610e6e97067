"""What policies know besides the request and the session: directory groups, and records of any kind. Pure.

    bytes of a file -> rows (JSON array, CSV, or a zip bundle of both) -> a directory, or tables of records

Sources are read one by one; one that cannot be read keeps what it said last.
"""

from access_model.external_data.directory import Directory, DirectoryUser
from access_model.external_data.reading import NO_DATA, ExternalData, SourceProblem, read_external_data
from access_model.external_data.records import Records

__all__ = [
    "NO_DATA",
    "Directory",
    "DirectoryUser",
    "ExternalData",
    "Records",
    "SourceProblem",
    "read_external_data",
]
