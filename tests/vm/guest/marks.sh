#!/bin/bash
# What files carry, told by others than the programs under test.

# xattr FILE: its attribute, or "none".
xattr() { getfattr --absolute-names --only-values -n user.pax.flags "$1" 2>/dev/null || echo none; }

# header FILE: its PT_PAX_FLAGS as scanelf writes them: PSMXER, of which X (RANDEXEC) is of no account.
header() { scanelf -BF '%x' "$1" | cut -d' ' -f1; }

carries() { same "$2" "$(xattr "$1")"; }
header_is() { same "$2" "$(header "$1")"; }

# state FILE...: what an edit has to leave: type, mode, owner, times of change to the content, capabilities, size.
state() {
  stat -c '%n %A %u:%g %.9Y %s %h' "$@"
  getcap "$@"
}
