#!/bin/bash
# The same daemon: its kernel, its watchdog, reload, and its end.

check 'daemon and program tell the same kernel' \
  same "$(revdep-pax -a --format=json | jq -c .kernel)" "$(status .kernel | jq -c .)"
# What a kernel with PaX tells of itself stands there as well.
check 'the unit does not hide from it what a kernel with PaX tells' \
  nsenter -m -t "$(unit MainPID)" head -qc 1 /proc/self/status /proc/cpuinfo /proc/sys/kernel/osrelease

check 'the unit file has no mistakes' same '' "$(systemd-analyze verify --man=no revdep-paxd.service 2>&1)"
check 'its exposure is at most 2.5' systemd-analyze security --no-pager --threshold=25 revdep-paxd
systemd-analyze security --no-pager revdep-paxd | sed -n 's/.*\(Overall exposure.*: [0-9.]*\).*/# \1/p' >&3

check 'the watchdog is on' more 0 "$(unit WatchdogUSec | sed 's/[^0-9].*//')"
seen=$(unit WatchdogTimestampMonotonic)
check 'and hears of the daemon' soon watchdog_since "$seen"

mkdir -p /etc/revdep-pax/rules.d
rules=/etc/revdep-pax/rules.d/vm.conf
install -D -m 755 programs/loner /opt/vm/ruled
echo 'mark /opt/vm/ruled em' >$rules
check 'rules are read anew' systemctl reload revdep-paxd
check 'and hold' soon carries /opt/vm/ruled em
printf 'mark /opt/vm/ruled er\nmrak /opt/vm/other em\n' >$rules
pid=$(unit MainPID)
check 'bad rules are refused' refused systemctl reload revdep-paxd
check 'the journal names file and line' says "$rules:2"
check 'the unit is still active' systemctl is-active revdep-paxd
check 'the daemon is the same' same "$pid" "$(unit MainPID)"
cp programs/loner /opt/vm/new
mv /opt/vm/new /opt/vm/ruled
check 'the old rules are in force' soon carries /opt/vm/ruled em

kill -KILL "$pid"
check 'a daemon that was killed is started again' soon idle_but_not "$pid"

turns=$(status .turns)
check 'the hook after an emerge' ./portage-post-emerge
check 'asks for a full pass' soon more_turns "$turns"

check 'stop' systemctl stop revdep-paxd
check 'it is not active' same inactive "$(unit ActiveState)"
check 'it ended well' same 'success 0' "$(unit Result) $(unit ExecMainStatus)"
check 'nothing runs' refused pgrep -x revdep-paxd
check 'and nobody says that it does' refused revdep-pax --status
rm $rules
revdep-pax --history >history
check 'there is a history' grep -q 'revdep-paxd' history
