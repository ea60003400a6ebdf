"""What a command loads late or compiles once, done in the process that the tests fork their commands from."""

import importlib
import pkgutil

import pipeline
from pipeline import libraries
from pipeline.phone import read_phones

for found in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
# Every import asks for these.
_ = libraries.filelock.FileLock, libraries.aiohttp.ClientSession
# A driver of addresses, which a command loads for an address only.
importlib.import_module("s3fs")
# The tables of two plans of numbers are compiled when a number is read with them.
read_phones(["+14155550132", "4155550132", "+442071838750"] * 200, "US")
