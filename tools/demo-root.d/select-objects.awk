# The seed packages' objects, then every library and loader that they need; none beyond `limit` bytes.
function take(path) {
  if (path in taken || size[path] > limit) return
  taken[path] = 1
  queue[++last] = path
}

# Of several files with one soname those in the library directories, else all.
function take_providers(list,   part, count, i, standard) {
  count = split(list, part, "\t")
  for (i = 1; i <= count; i++) {
    if (part[i] !~ /^\/(usr\/)?lib/) continue
    take(part[i])
    standard = 1
  }
  for (i = 1; i <= count && !standard; i++) take(part[i])
}

function base_name(path) {
  sub(/.*\//, "", path)
  return path
}

FILENAME == inodes { size[$4] = $2; next }
FILENAME == owners { key[$1] = $2; next }

{
  abi[$1] = $3 SUBSEP $4
  needed[$1] = $8
  loader[$1] = base_name($5)
  base = base_name($1)
  provider[abi[$1], base] = provider[abi[$1], base] "\t" $1
  if ($6 != "" && $6 != base) provider[abi[$1], $6] = provider[abi[$1], $6] "\t" $1
  package = base_name(key[$1])
  sub(/:.*/, "", package)
  if (package ~ seeds) take($1)
}

END {
  for (first = 1; first <= last; first++) {
    path = queue[first]
    print path
    count = split(needed[path], names, ",")
    for (i = 1; i <= count; i++) take_providers(substr(provider[abi[path], names[i]], 2))
    if (loader[path] != "") take_providers(substr(provider[abi[path], loader[path]], 2))
  }
}
