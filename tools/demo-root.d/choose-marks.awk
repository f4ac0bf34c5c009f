# Up to two libraries to mark, those known for run-time code first (zlib is everywhere), and last the first program
# that loads the first of them. A rough closure by soname is good enough to choose by.
function consumers_of(wanted_path,   program, first, last, queue, seen, i, count, names, path, found) {
  agreeing = ""
  for (program in is_program) {
    split("", seen)
    split("", queue)
    queue[last = 1] = program
    seen[program] = 1
    for (first = 1; first <= last; first++) {
      count = split(needed[queue[first]], names, ",")
      for (i = 1; i <= count; i++) {
        path = provider[abi[program], names[i]]
        if (path == "" || path in seen) continue
        seen[path] = 1
        queue[++last] = path
      }
    }
    if (!(wanted_path in seen)) continue
    found++
    if (agreeing == "" || program < agreeing) agreeing = program
  }
  return found + 0
}

FILENAME == selected { wanted[$1] = 1; next }

$1 in wanted {
  abi[$1] = $3 SUBSEP $4
  needed[$1] = $8
  if ($6 != "") {
    soname[$1] = $6
    if (!((abi[$1], $6) in provider) || $1 ~ /^\/(usr\/)?lib/) provider[abi[$1], $6] = $1
  } else if ($5 != "" && $1 ~ /bin\//) {
    is_program[$1] = 1
  }
}

END {
  count = split("libffi:em liborc-0.4:m libluajit-5.1:m libmozjs:m libnode:m libjvm:m libz:m libsqlite3:em", rules, " ")
  for (i = 1; i <= count && marked < 2; i++) {
    split(rules[i], rule, ":")
    best = ""
    most = 2
    for (path in soname) {
      if (index(soname[path], rule[1] ".so") != 1 || provider[abi[path], soname[path]] != path) continue
      consumers = consumers_of(path)
      if (consumers <= most) continue
      most = consumers
      best = path
      best_agreeing = agreeing
    }
    if (best == "") continue
    print rule[2] "\t" best "\t" soname[best] "\t" most
    if (!marked++) agrees = rule[2] "\t" best_agreeing
  }
  if (marked) print agrees
}
