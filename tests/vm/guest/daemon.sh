#!/bin/bash
# The daemon, as its service manager and its status tell of it.

# unit PROPERTY: of revdep-paxd.service.
unit() { systemctl show -p "$1" --value revdep-paxd; }

status() { revdep-pax --status --format=json | jq -r "$1"; }

# idle: it runs, has seen a database, and nothing waits.
idle() { [[ $(status '.database and .idle') == true ]]; }

# idle_but_not PID: another one is.
idle_but_not() { idle && refused same "$1" "$(status .pid)"; }

# more FORMER CURRENT: two numbers.
more() {
  [[ $1 =~ ^[0-9]+$ && $2 =~ ^[0-9]+$ ]] && (($2 > $1)) && return
  echo "$2 is not more than $1"
  return 1
}

saw_packages() { more "$1" "$(status .totals.packages)"; }
more_turns() { more "$1" "$(status .turns)"; }
watchdog_since() { more "$1" "$(unit WatchdogTimestampMonotonic)"; }

# says WORDS: the journal has them, from this start of the daemon on.
says() {
  journalctl -q --no-pager -o cat "_SYSTEMD_INVOCATION_ID=$(unit InvocationID)" | grep -F -- "$1" && return
  echo "the journal has no '$1'"
  return 1
}
