#!/bin/bash
# What files carry, told by others than the programs under test.

# xattr FILE: its attribute, or "none".
xattr() { getfattr --absolute-names --only-values -n user.pax.flags "$1" 2>/dev/null || echo none; }

# header FILE: its PT_PAX_FLAGS as scanelf writes them (letters PSMXER, X is of no account), or "none".
header() {
  local found
  found=$(scanelf -qx "$1")
  found=${found%% *}
  echo "${found:-none}"
}

carries() { same "$2" "$(xattr "$1")"; }
header_is() { same "$2" "$(header "$1")"; }

# state FILE...: what an edit has to leave: type, mode, owner, times of change to the content, capabilities, size.
state() {
  stat -c '%n %A %u:%g %Y %s %h' "$@"
  getcap "$@"
}
