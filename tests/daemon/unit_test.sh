#!/bin/bash
# systemd takes the unit without a complaint, and finds it little exposed.
# usage: unit_test.sh UNIT.in
set -u
most=2.5
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
# The daemon need not be installed for this.
sed "s|@SBINDIR@/revdep-paxd|/bin/true|" "$1" >"$directory/revdep-paxd.service"
complaints=$(systemd-analyze verify --man=no "$directory/revdep-paxd.service" 2>&1) || echo "verify: exit code $?"
echo "$complaints"
exposure=$(systemd-analyze security --offline=true "$directory/revdep-paxd.service" | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
echo "exposure: $exposure"
[ -z "$complaints" ] && awk "BEGIN { exit !(\"$exposure\" != \"\" && $exposure <= $most) }"
