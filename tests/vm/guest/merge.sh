#!/bin/bash
# Merges an image as Portage does it, step by step: live files by rename first, then the database's entry.

# list_needed IMAGE: as Portage writes NEEDED.ELF.2.
list_needed() {
  scanelf -qyRF '%a;%p;%S;%r;%n' "$1" |
    awk -F';' -v OFS=';' '{ sub(/^EM_/, "", $1); if ($2 !~ /^\//) $2 = "/" $2; if ($4 == "  -  ") $4 = ""
      print $1, $2, $3, $4, $5, "x86_64" }'
}

# list_contents IMAGE: as in CONTENTS.
list_contents() {
  local path
  (cd "$1" && find . -mindepth 1 -printf '%P\n') | while IFS= read -r path; do
    if [[ -d $1/$path ]]; then
      echo "dir /$path"
    else
      echo "obj /$path $(md5sum <"$1/$path" | cut -d' ' -f1) $(stat -c %Y "$1/$path")"
    fi
  done
}

# before_merge IMAGE: what Portage runs before it, as it runs that. build/build-info has the image's list.
# What it defines, the hook uses.
# shellcheck disable=SC2034,SC2317
before_merge() (
  einfo() { echo "$*"; }
  ewarn() { echo "$*"; }
  PORTAGE_BUILDDIR=$PWD/build D=$PWD/$1/ ROOT='' EPREFIX=''
  # shellcheck source=/dev/null
  source ./portage-preinst
)

nothing_spooled() { [[ -z $(ls -A /var/lib/revdep-pax/spool) ]]; }

# merge CATEGORY/PF IMAGE [OLD_PF]: with OLD_PF, which may be PF, an upgrade or a re-install.
merge() {
  local category=/var/db/pkg/${1%/*} pf=${1#*/} image=$2 old=${3-} entry path target
  entry=$category/-MERGING-$pf
  mkdir -p "$category" /var/lib/portage
  touch "$category" /var/db/pkg
  mkdir "$entry"
  echo "${1%/*}" >"$entry/CATEGORY"
  echo "$pf" >"$entry/PF"
  echo 0 >"$entry/SLOT"
  list_needed "$image" >"$entry/NEEDED.ELF.2"

  (cd "$image" && find . -type d -printf '%P\n') | while IFS= read -r path; do mkdir -p "/$path"; done
  (cd "$image" && find . -type f -printf '%P\n') | while IFS= read -r path; do
    target=/$path
    cp -a "$image/$path" "${target%/*}/.${target##*/}._portage_merge_.$$"
    mv -Tf "${target%/*}/.${target##*/}._portage_merge_.$$" "$target"
  done
  list_contents "$image" >"$entry/CONTENTS"

  if [[ -n $old ]]; then
    sed -n 's/^obj \(.*\) [0-9a-f]* [0-9]*$/\1/p' "$category/$old/CONTENTS" | while IFS= read -r path; do
      grep -qF "obj $path " "$entry/CONTENTS" || rm -f "$path"
    done
    ldconfig
    rm -r "${category:?}/$old"
  fi
  echo '#format=1' >"$entry/metadata"
  mv -T "$entry" "$category/$pf"
  echo '{}' >/var/lib/portage/preserved_libs_registry
  ldconfig
  touch "$category" /var/db/pkg
}
