#!/bin/bash
# What OpenRC's programs find on a system that OpenRC booted, made by hand on this one.

# prepare_openrc: its state and runlevels, what Debian's variant asks for, and the services that any system has and
# that ours needs.
prepare_openrc() {
  mkdir -p /run/openrc/{starting,started,stopping,inactive,wasinactive,failed,hotplugged,scheduled} \
    /run/openrc/{daemons,options,exclusive,tmp} /etc/runlevels/{sysinit,boot,default}
  echo default >/run/openrc/softlevel
  : >/etc/insserv.conf
  printf '#!/sbin/openrc-run\nstart() { return 0; }\n' >/etc/init.d/localmount
  chmod +x /etc/init.d/localmount
}
