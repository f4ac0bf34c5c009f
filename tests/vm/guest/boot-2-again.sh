#!/bin/bash
# After a reboot: the daemon is back, and knows what it did.

check 'the unit is active again' soon systemctl is-active revdep-paxd
check 'the daemon has looked' soon idle
check 'the history is still there' same '' "$(revdep-pax --history | grep -vxFf - history)"
check 'the marks are still there' carries /usr/bin/vm-plain em
merge dev-libs/vmask-3 images/vmask-3 vmask-2
check 'what nobody asks for any more is taken back' soon carries /usr/bin/vm-plain none
check 'all of it, where a header was' soon carries /usr/bin/vm-busy none
check 'where another attribute was, too' soon carries /usr/bin/vm-both e
check 'and in headers' header_is /usr/bin/vm-both ---xe-
check 'and of what was marked before its merge' soon carries /opt/vm/early none
check 'stop' systemctl stop revdep-paxd
