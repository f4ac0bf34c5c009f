#!/bin/bash
# The hook for /etc/portage/bin/post_emerge, with stand-ins for both programs.
# usage: post_emerge_test.sh HOOK
set -u
hook=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect NAME EXPECTED ACTUAL
expect() {
  [[ $2 == "$3" ]] && return
  printf "%s: expected '%s', got '%s'\n" "$1" "$2" "$3"
  failures=$((failures + 1))
}

mkdir "$work/bin" "$work/empty"
cat >"$work/bin/revdep-pax" <<'END'
#!/bin/sh
[ "$*" = '--status --format=json' ] || echo "revdep-pax $*" >>"$WORK/called"
cat "$WORK/status"
END
# Without arguments: a daemon that tells what it is sent. It is sent nothing before it has said that it waits.
cat >"$work/bin/revdep-paxd" <<'END'
#!/bin/bash
if (($#)); then
  echo "revdep-paxd $*" >>"$WORK/called"
  exit "$(<"$WORK/code")"
fi
trap 'echo USR1; exit' USR1
trap 'exit' TERM
echo waits
while :; do read -r -t 10 <> <(:); done
END
chmod +x "$work/bin/"*
export WORK=$work

# run NAME=VALUE...: sets `status`, `called` and `told`.
run() {
  rm -f "$work/called"
  told=$(env PATH="$work/bin:$PATH" ROOT=/ "$@" "$hook" 2>&1)
  status=$?
  called=$(cat "$work/called" 2>/dev/null)
}

echo 0 >"$work/code"

# A daemon that runs.
exec {from_daemon}< <(exec "$work/bin/revdep-paxd")
daemon=$!
read -r -u "$from_daemon" line
expect 'the stand-in waits' waits "$line"
printf '{"schema": 1, "kind": "status", "pid": %s, "turns": 3}\n' "$daemon" >"$work/status"
run
expect 'a running daemon is asked, and no pass is made beside it' '' "$called$told"
expect 'a running daemon: exit code' 0 "$status"
read -r -t 10 -u "$from_daemon" line
expect 'a running daemon is sent SIGUSR1' USR1 "$line"
wait "$daemon"

# Its status is left over, and the number is another process's: SIGUSR1 would end that one.
sleep 60 &
other=$!
printf '{\n  "schema": 1,\n  "pid": %s\n}\n' "$other" >"$work/status"
run
expect 'a number that is not the daemon' 'revdep-paxd --once' "$called"
kill -0 "$other" || expect 'the other process lives' yes no
kill "$other"
wait "$other" 2>/dev/null
run
expect 'a number that nobody has' 'revdep-paxd --once' "$called"

: >"$work/status"
run
expect 'no status' 'revdep-paxd --once' "$called"
echo '{"pid": 0}' >"$work/status"
run
expect 'no number, and no group of processes' 'revdep-paxd --once' "$called"
expect 'one pass: exit code' 0 "$status"
echo 2 >"$work/code"
run
expect 'a pass that fails is told' 'revdep-pax: the full pass left something undone (exit code 2)' "$told"
expect 'a pass that fails never fails the emerge' 0 "$status"

run ROOT=/mnt/target
expect 'another root' '' "$called$told"
run EPREFIX=/home/user/gentoo
expect 'a prefix' '' "$called$told"
run PATH="$work/empty"
expect 'the daemon is not installed' '' "$called$told"
expect 'the daemon is not installed: exit code' 0 "$status"

[[ $failures -eq 0 ]]
