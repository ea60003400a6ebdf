#!/bin/sh
# The main job on the embedded sandbox: check, plan, import, import again, export, verify. `make demo` runs it.
set -eu
cd "$(dirname "$0")/.."

rm -rf .demo
mkdir -m 700 .demo
hmpipe=.venv/bin/hmpipe
export HEYMARKET_SECRET_ID=sandbox-id HEYMARKET_SECRET_KEY=sandbox-key
export XDG_STATE_HOME="$PWD/.demo/state"

step() { printf '\n== %s\n' "$*"; }

$hmpipe sandbox --port 0 --field Plan --field City --contacts 20 --requests-per-minute 0 --url-file .demo/url \
    > .demo/sandbox.log 2>&1 &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; wait "$sandbox" 2>/dev/null || true' EXIT INT TERM
tries=0
until [ -s .demo/url ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$sandbox" 2>/dev/null; then
        echo "The sandbox did not start:" >&2
        cat .demo/sandbox.log >&2
        exit 1
    fi
    sleep 0.1
done
HMPIPE_ACCOUNT__BASE_URL=$(cat .demo/url)
HMPIPE_PATHS__RUNS="$PWD/.demo/runs"
HMPIPE_PATHS__SNAPSHOTS="$PWD/.demo/snapshots"
HMPIPE_LIMITS__REQUESTS_PER_MINUTE=0
export HMPIPE_ACCOUNT__BASE_URL HMPIPE_PATHS__RUNS HMPIPE_PATHS__SNAPSHOTS HMPIPE_LIMITS__REQUESTS_PER_MINUTE
echo "A sandbox with 20 contacts listens at $HMPIPE_ACCOUNT__BASE_URL. No real account is touched."

step "hmpipe check: is the file good? (no network)"
$hmpipe check sample_data/clean.csv -c configs/sandbox.toml
step "hmpipe plan: what would an import do?"
$hmpipe plan sample_data/clean.csv -c configs/sandbox.toml
step "hmpipe import: do it"
$hmpipe import sample_data/clean.csv -c configs/sandbox.toml
step "hmpipe import, the same again: nothing is written"
$hmpipe import sample_data/clean.csv -c configs/sandbox.toml
step "hmpipe import of a messy file: every bad row is named, the rest arrives (ends with 3)"
code=0
$hmpipe import sample_data/messy.csv -c configs/sandbox.toml || code=$?
[ "$code" -eq 3 ] || { echo "expected exit code 3, got $code" >&2; exit 1; }
step "hmpipe export: a backup of all contacts"
$hmpipe export -c configs/sandbox.toml
step "hmpipe snapshots verify: is the backup whole?"
for snapshot in .demo/snapshots/*/; do
    $hmpipe snapshots verify "$snapshot" -c configs/sandbox.toml
done
step "Done. The run folders and the snapshot are in .demo/"
echo 'To call the command yourself: export PATH="$PWD/.venv/bin:$PATH"'
