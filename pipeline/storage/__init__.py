"""Private files and addresses; every failure is a StorageFailed."""

from pipeline.storage._addresses import conceal, file_system, is_address, open_address, package_for, printable
from pipeline.storage._disk import disk_errors, flush_file, flush_folder, make_private_file, make_private_folder
from pipeline.storage._outputs import refuse_overwriting
from pipeline.storage._private import private_file

__all__ = [
    "conceal",
    "disk_errors",
    "file_system",
    "flush_file",
    "flush_folder",
    "is_address",
    "make_private_file",
    "make_private_folder",
    "open_address",
    "package_for",
    "printable",
    "private_file",
    "refuse_overwriting",
]
