#!/bin/bash
# The packages of these tests, as images that Portage would merge. Their programs were built with the machine.

# place PROGRAM FILE [MODE]: as root's file, under its name in an image.
place() { install -D -m "${3:-755}" "/vm-test/programs/$1" "$2"; }

# make_images: vmask-1 and -3 have a library that asks for nothing, vmask-2 one that asks for m. Its consumers: as they
# come, one that will be busy, one that is set-uid, one with capabilities, one whose stores are both there.
make_images() {
  local version users=images/users-1
  for version in 1 2 3; do
    place "libvmask-$version" "images/vmask-$version/usr/lib/libvmask.so.1"
  done
  setfattr -n user.pax.flags -v em images/vmask-2/usr/lib/libvmask.so.1
  place consumer $users/usr/bin/vm-plain
  place consumer-with-header $users/usr/bin/vm-busy
  place consumer-with-header $users/usr/bin/vm-suid 4755
  place consumer-with-header $users/usr/bin/vm-caps
  setcap cap_net_raw,cap_sys_nice=ep $users/usr/bin/vm-caps
  place consumer-with-header $users/usr/bin/vm-both
  setfattr -n user.pax.flags -v e $users/usr/bin/vm-both
  place loner $users/usr/bin/vm-loner
  place consumer images/late-1/opt/vm/late
  place consumer images/early-1/opt/vm/early
}
