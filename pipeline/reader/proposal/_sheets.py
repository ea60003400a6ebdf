"""Which sheet of a workbook is a table of contacts."""

import contextlib
from itertools import islice

from pipeline.errors import InputError
from pipeline.reader.proposal._propose import propose
from pipeline.reader.tables import ReadOptions, Source, list_sheets, open_table
from pipeline.values import replace

_ROWS = 200


def find_sheet(source: Source, options: ReadOptions) -> str:
    """Return the first sheet that holds phones, where that is not the first one that is read anyhow; else "".

    Raises InputError where the file cannot be read.
    """
    titles = list_sheets(source)
    for title in titles if len(titles) > 1 else ():
        with contextlib.suppress(InputError), open_table(source, replace(options, sheet=title)) as table:
            rows = [row for chunk in islice(table.chunks(), 1) for row in chunk.records[:_ROWS]]
            if not propose(table.headers, rows, has_header=options.header != "none").problems:
                return "" if title == titles[0] else title
    return ""
