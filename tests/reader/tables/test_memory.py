"""A table of any length is read in the memory of a chunk."""

import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 300_000
LIMIT_MIB = 120

PROGRAM = """
import sys
from pathlib import Path
from pipeline.reader.tables import Source, open_table
rows = 0
with open_table(Source(sys.argv[1])) as table:
    for chunk in table.chunks():
        rows += len(chunk.records)
# Not getrusage: it counts what the process was before it became this program, and that is pytest.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(rows, int(status["VmHWM"].split()[0]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process is read from /proc")
@pytest.mark.parametrize("accents", ["", "\u00e9"])
def test_the_memory_of_reading_is_flat(tmp_path: Path, accents: str) -> None:
    path = tmp_path / "people.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write("id,first,last,email,mobile,phone,company,city,state,zip,plan,notes\r\n")
        for row in range(ROWS):
            file.write(
                f"{row},Anna,L{accents}pez{row},user{row}@example.com,(415) 555-0132,+1 415 555 0132,Acme {row} Inc,"
                f'Springfield,CA,9410{row % 10},gold,"called, twice"\r\n'
            )
    assert path.stat().st_size > 30 << 20
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True)
    rows, peak_mib = map(int, done.stdout.split())
    assert rows == ROWS
    assert peak_mib < LIMIT_MIB
