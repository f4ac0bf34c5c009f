#!/bin/bash
# The completion offers every long option of the program and the values of those that have a few.
# usage: completion_test.sh COMPLETION PROGRAM
set -u
# shellcheck source=/dev/null
source "$1"
program=$2
failures=0

# complete_line WORDS...: what is offered for the last word, sorted, in one line.
complete_line() {
  COMP_WORDS=(revdep-pax "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  _revdep_pax
  printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
}

# expect NAME EXPECTED ACTUAL
expect() {
  [ "$2" = "$3" ] && return
  echo "$1: expected '$2', got '$3'"
  failures=$((failures + 1))
}

expect 'long options' "$("$program" --help | grep -o -- '--[a-z][a-z-]*' | sort -u | tr '\n' ' ')" "$(complete_line --)"
expect 'an option begun' '--exclude --executables --export ' "$(complete_line --ex)"
expect 'values' 'auto filesystem vdb ' "$(complete_line -f --source '')"
expect 'values after =' 'json ' "$(complete_line -f --format = j)"
expect 'severities' 'error note warning ' "$(complete_line -a --severity '')"
expect 'rules' 'untrusted-asker ' "$(complete_line -a --rule unt)"
expect 'files' "$0 " "$(complete_line -b "$0")"
expect 'both of --chain' "$0 " "$(complete_line --chain /bin/sh "$0")"
[ "$failures" -eq 0 ]
