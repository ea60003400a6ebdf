"""Import, export and back up Heymarket contacts in bulk, with outcomes that are proved."""

__version__ = "0.1.0"
