#!/bin/bash
# Checks that say how they went, and waiting for what happens elsewhere. Lines of TAP go to file descriptor 3.

checks=0

# check NAME COMMAND...: one line of TAP, and the command and what it printed where it failed.
check() {
  local name=$1 output status=0
  shift
  checks=$((checks + 1))
  output=$("$@" 2>&1) || status=$?
  if ((status == 0)); then
    echo "ok $checks - $name" >&3
  else
    patience=$((patience / 2 + 2))
    echo "not ok $checks - $name" >&3
    output="$*: exit code $status"$'\n'$output
    printf '# %s\n' "${output//$'\n'/$'\n# '}" >&3
  fi
}

plan() { echo "1..$checks" >&3; }

# refused COMMAND...: it fails.
refused() { ! "$@"; }

# said TEXT COMMAND...: it succeeds and what it prints has that text.
said() {
  local text=$1 output
  shift
  output=$("$@") || return
  [[ $output == *"$text"* ]] && return
  echo "$output"
  return 1
}

# same EXPECTED ACTUAL
same() {
  [[ $1 == "$2" ]] && return
  printf 'expected %s, got %s\n' "$1" "$2"
  return 1
}

patience=60

# soon COMMAND...: it succeeds within a minute; what it printed the last time is shown where it does not. With each
# failure less is to be expected, and all the checks are to be made in time.
soon() {
  local deadline=$((SECONDS + patience))
  until "$@" >/tmp/soon 2>&1; do
    if ((SECONDS >= deadline)); then
      cat /tmp/soon
      return 1
    fi
    sleep 0.2
  done
}
