# Writes the package directories below `database`, which exist already: what Portage would have written for the copies.
function category_of(class, machine,   prefix) {
  if (machine == "EM_386" || machine == "EM_X86_64") prefix = "x86"
  else if (machine == "EM_ARM" || machine == "EM_AARCH64") prefix = "arm"
  else if (machine ~ /^EM_PPC/) prefix = "ppc"
  else if (machine == "EM_S390") prefix = "s390"
  else if (machine ~ /^EM_SPARC/) prefix = "sparc"
  # RISC-V and MIPS need e_flags to tell: left open, as for machines that Portage does not know.
  else return ""
  return prefix "_" (class == "ELFCLASS64" ? "64" : machine == "EM_X86_64" ? "x32" : "32")
}

function write(name, text) {
  printf "%s", text >(folder "/" name)
  close(folder "/" name)
}

FILENAME == inodes { mtime[$4] = $3; next }
FILENAME == sums { sum[$2] = $1; next }
FILENAME == links { link[$1] = 1; next }

FILENAME == symlinks {
  if ($1 in link) {
    target[$1] = $2
    mtime[$1] = $3
  }
  next
}

FILENAME == objects {
  arch[$1] = substr($4, 4)
  facts[$1] = $6 ";" $7 ";" $8 ";" category_of($3, $4)
  next
}

FILENAME == owners {
  if ($1 in sum) {
    needed[$2] = needed[$2] arch[$1] ";" $3 ";" facts[$1] "\n"
    contents[$2] = contents[$2] "obj " $3 " " sum[$1] " " mtime[$1] "\n"
  } else if ($1 in target) {
    contents[$2] = contents[$2] "sym " $3 " -> " target[$1] " " mtime[$1] "\n"
  } else {
    next
  }
  path = $3
  while (sub(/\/[^\/]*$/, "", path) && path != "" && !(($2, path) in above)) {
    above[$2, path] = 1
    contents[$2] = "dir " path "\n" contents[$2]
  }
  next
}

$1 in needed {
  folder = database "/" $2 "/" $3
  write("NEEDED.ELF.2", needed[$1])
  write("CONTENTS", contents[$1])
  write("CATEGORY", $2 "\n")
  write("PF", $3 "\n")
  write("SLOT", $4 "\n")
  write("KEYWORDS", $5 "\n")
  write("CHOST", $6 "\n")
  write("repository", $7 "\n")
  write("EAPI", $8 "\n")
  write("COUNTER", ++counter "\n")
}
