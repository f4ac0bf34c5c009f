#!/bin/bash
# The unit is enabled and started; packages are installed, and files of every kind get their marks.
make_images

check 'enable and start' systemctl enable --now revdep-paxd
check 'the unit is enabled' systemctl is-enabled revdep-paxd
check 'the unit is active' systemctl is-active revdep-paxd
check 'it said that it is ready' same notify "$(unit Type)"
check 'its process is the daemon' same revdep-paxd "$(cat "/proc/$(unit MainPID)/comm")"
check 'and says so itself' same "$(unit MainPID)" "$(status .pid)"
check 'it tells what it does' refused same '' "$(unit StatusText)"

merge dev-libs/vmask-1 images/vmask-1
merge app-misc/users-1 images/users-1
check 'the packages were seen' soon saw_packages 1
check 'a library that asks for nothing marks nobody' carries /usr/bin/vm-plain none

files=(/usr/bin/vm-{plain,busy,suid,caps,both,loner})
before=$(state "${files[@]}")
/usr/bin/vm-busy stay &
busy=$!
inode=$(stat -c %i /usr/bin/vm-busy)

merge dev-libs/vmask-2 images/vmask-2 vmask-1
check 'a consumer is marked' soon carries /usr/bin/vm-plain em
check 'a busy one' soon carries /usr/bin/vm-busy em
check 'a busy one: header' header_is /usr/bin/vm-busy --mxe-
check 'a busy one is replaced' refused same "$inode" "$(stat -c %i /usr/bin/vm-busy)"
check 'the process goes on' same vm-busy "$(cat /proc/$busy/comm)"
check 'with the old file' same "$inode" "$(stat -L -c %i /proc/$busy/exe)"
check 'a set-uid one' soon carries /usr/bin/vm-suid em
check 'a set-uid one: header' header_is /usr/bin/vm-suid --mxe-
check 'a set-uid one: still is' test -u /usr/bin/vm-suid
check 'one with capabilities' soon carries /usr/bin/vm-caps em
check 'one with capabilities: header' header_is /usr/bin/vm-caps --mxe-
check 'one with capabilities: still has them' \
  same '/usr/bin/vm-caps cap_net_raw,cap_sys_nice=ep' "$(getcap /usr/bin/vm-caps)"
check 'one with both stores' soon carries /usr/bin/vm-both em
check 'one with both stores: header' header_is /usr/bin/vm-both --mxe-
check 'one that does not load the library is left alone' carries /usr/bin/vm-loner none
check 'owner, mode, time, size, capabilities of all are as before' same "$before" "$(state "${files[@]}")"
kill $busy

merge app-misc/late-1 images/late-1
check 'a package that comes later' soon carries /opt/vm/late em
inode=$(stat -c %i /opt/vm/late)
merge app-misc/late-1 images/late-1 late-1
check 'the same again is another file' refused same "$inode" "$(stat -c %i /opt/vm/late)"
check 'and is marked again' soon carries /opt/vm/late em
mkdir -p build/build-info
list_needed images/early-1 >build/build-info/NEEDED.ELF.2
check 'the hook before a merge says what it did' said '1 marked' before_merge images/early-1
check 'the image is marked' carries "$PWD/images/early-1/opt/vm/early" em
merge app-misc/early-1 images/early-1
check 'and so is what was merged' carries /opt/vm/early em
check 'which becomes one of ours' soon nothing_spooled
check 'the daemon is idle' soon idle
check 'a run by hand finds nothing to do' revdep-pax -r -m -p
