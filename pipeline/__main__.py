"""`python -m pipeline` is the same command as `hmpipe`."""

import sys
from typing import NoReturn

_STOPPED = "Stopped before anything was done."


def main() -> NoReturn:
    """Run the command line. Loading it takes a while, in which Ctrl-C is as welcome as later."""
    try:
        from pipeline.cli import main as run  # noqa: PLC0415 - see above

        run()
    except KeyboardInterrupt:
        if sys.stderr:
            sys.stderr.write(f"Error: {_STOPPED}\n")
        if sys.stdout and "--json" in sys.argv:
            sys.stdout.write(f'{{"exit_code": 130, "error": "{_STOPPED}"}}\n')
        sys.exit(130)


if __name__ == "__main__":
    main()
