#!/bin/bash
# The completion offers every long option of the daemon and the values of those that have a few.
# usage: completion_test.sh COMPLETION PROGRAM
set -u
# shellcheck source=/dev/null
source "$1"
program=$2
failures=0

# complete_line WORDS...: what is offered for the last word, sorted, in one line.
complete_line() {
  COMP_WORDS=(revdep-paxd "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  _revdep_paxd
  printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
}

# expect NAME EXPECTED ACTUAL
expect() {
  [ "$2" = "$3" ] && return
  echo "$1: expected '$2', got '$3'"
  failures=$((failures + 1))
}

expect 'long options' "$("$program" --help | grep -o -- '^ .*--[a-z][a-z-]*' | grep -o -- '--[a-z-]*' | sort -u |
  tr '\n' ' ')" "$(complete_line --)"
expect 'an option begun' '--log-level --log-target ' "$(complete_line --log)"
expect 'values after =' 'pt ' "$(complete_line --markings = p)"
expect 'formats' 'paxctld paxd paxrat ' "$(complete_line --import '')"
expect 'the list' "$1 " "$(complete_line --import paxd "$1")"
expect 'files' "$1 " "$(complete_line --config "$1")"
[ "$failures" -eq 0 ]
