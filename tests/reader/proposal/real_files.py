"""Proposals for files of real products."""

from pipeline.reader.proposal import Proposal, propose
from pipeline.reader.tables import ReadOptions, Source, open_table
from tests.shared_data import shared_file

US = ["(415) 555-0132", "(212) 555-0177", "(510) 555-0101"]


def of_shared(name: str, *, header: str = "auto") -> Proposal:
    with open_table(Source(str(shared_file(name))), ReadOptions(header=header)) as table:
        rows = [row for chunk in table.chunks() for row in chunk.records]
        return propose(table.headers, rows, has_header=header != "none")
