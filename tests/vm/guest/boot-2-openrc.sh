#!/bin/bash
# The same by OpenRC: its init script, run by the real openrc-run.
service=/etc/init.d/revdep-paxd
mv openrc-script $service
prepare_openrc
runs() { pgrep -x revdep-paxd; }

check 'OpenRC: start' $service start
check 'OpenRC: status' $service status
check 'OpenRC: the daemon has looked' soon idle
pid=$(status .pid)
check 'OpenRC: the daemon runs' same "$pid" "$(runs)"
merge dev-libs/vmask-2 images/vmask-2 vmask-3
check 'OpenRC: a consumer is marked' soon carries /usr/bin/vm-plain em
echo 'mark /opt/vm/ruled er' >/etc/revdep-pax/rules.d/vm.conf
check 'OpenRC: reload' $service reload
check 'OpenRC: the rules hold' soon carries /opt/vm/ruled er
echo 'mrak /opt/vm/ruled em' >/etc/revdep-pax/rules.d/vm.conf
check 'OpenRC: bad rules are refused' refused $service reload
check 'OpenRC: the daemon is the same' same "$pid" "$(runs)"
check 'OpenRC: stop' $service stop
check 'OpenRC: nothing runs' refused runs
check 'OpenRC: bad rules are no start' refused $service start
check 'OpenRC: still nothing runs' refused runs
rm /etc/revdep-pax/rules.d/vm.conf
check 'OpenRC: status of what is stopped' refused $service status
