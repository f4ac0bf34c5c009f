#!/bin/bash
# The hook for preinst-qa-check.d, sourced as Portage sources it, with stand-ins for revdep-pax and Portage's functions.
# usage: preinst_test.sh HOOK
set -u
hook=$1
# The hook asks who it is, and only root marks: a user is root in a namespace of his own, where there are such.
if ((EUID != 0)); then
  unshare -r true 2>/dev/null || exit 77
  exec unshare -r bash "$0" "$@"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect NAME EXPECTED ACTUAL
expect() {
  [[ $2 == "$3" ]] && return
  printf '%s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"
  failures=$((failures + 1))
}

mkdir "$work/bin" "$work/empty"
cat >"$work/bin/revdep-pax" <<'END'
#!/bin/bash
{
  printf '%s\n' "$@"
  echo "SANDBOX_ON=$SANDBOX_ON"
} >"$WORK/called"
cat "$WORK/says"
read -r line && echo "read: $line" >>"$WORK/called"
exit "$(<"$WORK/code")"
END
chmod +x "$work/bin/revdep-pax"
export WORK=$work PATH=$work/bin:$PATH

# run NAME=VALUE...: one merge's call of the hook. Sets `status`, `called` (what the program was given, a line each) and
# `told` (what Portage would print and log).
run() {
  rm -f "$work/called" "$work/told"
  mkdir -p "$work/build/build-info" "$work/build/image"
  echo 'X86_64;/usr/bin/x;;;libc.so.6;x86_64' >"$work/build/build-info/NEEDED.ELF.2"
  (
    # Portage's own interpret backslashes as well. The hook calls them.
    # shellcheck disable=SC2317
    einfo() { echo -e "info: $*" >>"$work/told"; }
    # shellcheck disable=SC2317
    ewarn() { echo -e "warn: $*" >>"$work/told"; }
    export SANDBOX_ON=1
    # shellcheck disable=SC2034
    PORTAGE_BUILDDIR=$work/build D=$work/build/image/ ED=$work/build/image/ ROOT='' EROOT='' EPREFIX='' \
      CATEGORY=dev-libs PF=foo-1.2-r3
    for assignment; do eval "$assignment"; done
    (
      # shellcheck source=/dev/null
      source "$hook" || echo "failed to run" >>"$work/told"
    )
  ) <<<"Portage's input"
  status=$?
  called=$(cat "$work/called" 2>/dev/null)
  told=$(cat "$work/told" 2>/dev/null)
}

# says CODE TEXT: what the program will print and its exit code.
says() {
  echo "$1" >"$work/code"
  printf '%s' "$2" >"$work/says"
}

arguments="--image
$work/build/image
-y
SANDBOX_ON=0"

says 0 ''
run
expect 'the program is given the image' "$arguments" "$called"
expect 'nothing to say' '' "$told"
expect 'nothing to say: exit code' 0 "$status"

run "D=$work/build/image"
expect 'an image without a trailing slash (EAPI 7)' "$arguments" "$called"
run 'unset ED EROOT EPREFIX'
expect 'variables that old EAPIs do not have' "$arguments" "$called"
run 'ROOT=/'
expect 'the root with a slash' "$arguments" "$called"

says 0 $'/usr/bin/a\\040b: user.pax.flags none -> em\n/usr/bin/c: user.pax.flags none -> em\n'
run
expect 'what was marked is information' 'info: revdep-pax: /usr/bin/a\040b: user.pax.flags none -> em
info: revdep-pax: /usr/bin/c: user.pax.flags none -> em' "$told"

for code in 1 2 124 137; do
  says "$code" 'cannot read it'
  run
  expect "exit code $code never fails the merge" 0 "$status"
  expect "exit code $code is a warning" "warn: revdep-pax: cannot read it
warn: revdep-pax: not all of the image is marked (exit code $code); revdep-paxd marks what is merged" "$told"
done

# A program that hangs: what timeout(1) would do after a minute.
says 0 ''
cat >"$work/bin/timeout" <<'END'
#!/bin/sh
echo "$*" >"$WORK/called"
exit 124
END
chmod +x "$work/bin/timeout"
run
expect 'a program that hangs is ended' "-k 5 60 revdep-pax --image" "${called%% "$work"*}"
expect 'a program that hangs never fails the merge' 0 "$status"
rm "$work/bin/timeout"

# quiet NAME ASSIGNMENT...: nothing is called or said.
quiet() {
  run "${@:2}"
  expect "$1" '' "$called$told"
  expect "$1: exit code" 0 "$status"
}
quiet 'another root' 'ROOT=/mnt/target'
quiet 'a prefix' 'EPREFIX=/home/user/gentoo'
# shellcheck disable=SC2016
quiet 'no ELF files' '>$PORTAGE_BUILDDIR/build-info/NEEDED.ELF.2'
# shellcheck disable=SC2016
quiet 'no list of ELF files' 'rm $PORTAGE_BUILDDIR/build-info/NEEDED.ELF.2'
quiet 'no directory of the build' 'unset PORTAGE_BUILDDIR'
quiet 'the program is not installed' "PATH=$work/empty"

# Nobody but root marks. In a namespace there is nobody but root.
if setpriv --reuid=65534 --clear-groups true 2>/dev/null; then
  run
  echo 'not called' >"$work/called"
  chmod 666 "$work/called"
  chmod 711 "$work"
  cp "$hook" "$work/hook"
  # shellcheck disable=SC2016
  setpriv --reuid=65534 --clear-groups env PORTAGE_BUILDDIR="$work/build" D="$work/build/image" ROOT= \
    CATEGORY=dev-libs PF=foo-1 bash -c 'source "$0"' "$work/hook"
  expect 'a user: exit code' 0 "$?"
  expect 'a user' 'not called' "$(cat "$work/called")"
fi

[[ $failures -eq 0 ]]
