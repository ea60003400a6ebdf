"""`python -m pipeline` is the same command as `hmpipe`."""

import gc
import sys

__all__ = ["main"]

# How many objects more than before call the garbage collector. Python's own answer, 700, is for small programs: loading
# would be a fifth slower, and a long upload a sixth. The jobs make few cycles.
gc.set_threshold(20_000, 20, 20)

# Loading takes a while, in which Ctrl-C is as welcome as later.
try:
    from pipeline.cli import main
except KeyboardInterrupt:
    _STOPPED = "Stopped before anything was done."
    if sys.stderr:
        sys.stderr.write(f"Error: {_STOPPED}\n")
    if sys.stdout and "--json" in sys.argv:
        sys.stdout.write(f'{{"exit_code": 130, "error": "{_STOPPED}"}}\n')
    sys.exit(130)

if __name__ == "__main__":
    main()
