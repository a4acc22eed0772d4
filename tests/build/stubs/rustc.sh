#!/usr/bin/env bash
# Stands in for rustc, as far as it is asked about itself.
case $1 in
  --version) printf 'rustc 1.95.0 (a stand-in)\n' ;;
  --print) printf '%s/sysroot\n' "$SCRATCH" ;;
esac
