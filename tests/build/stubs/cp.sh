#!/usr/bin/env bash
# The real cp, which a test can make wait.
while [ -e "$SCRATCH/holds/cp" ]; do
  : >"$SCRATCH/holds/cp.waits"
  sleep 0.02
done
exec "$SCRATCH/programs/cp" "$@"
