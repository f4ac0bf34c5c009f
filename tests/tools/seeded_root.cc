#include "tools/seeded_root.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <tuple>

namespace revdep::tool {
namespace {

using elf_builder::library;
using elf_builder::Object;
using elf_builder::program;

constexpr std::uint32_t rwx = elf_builder::pf_r | elf_builder::pf_w | elf_builder::pf_x;
// The 16 bits of p_flags: "e", and M both on and off.
constexpr std::uint32_t header_e = 0x2800, header_both_m = 0x0300;

struct stat status_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw std::system_error(errno, std::generic_category(), path);
  return status;
}

bool is_later(const timespec& one, const timespec& other) {
  return std::tie(one.tv_sec, one.tv_nsec) > std::tie(other.tv_sec, other.tv_nsec);
}

Object with_header(Object object, std::uint32_t p_flags) {
  object.pax_flags = {p_flags};
  return object;
}

void set_mode(const std::string& file, unsigned mode) {
  std::filesystem::permissions(file, std::filesystem::perms(mode));
}

}  // namespace

SeededRoot::SeededRoot() {
  add("/usr/bin/clean", program({"libclean.so.1"}));
  add("/usr/lib64/libclean.so.1", library("libclean.so.1"), "lib/clean-1");
}

void SeededRoot::mark_since(const std::string& path, const std::string& flags) const {
  write_database();
  timespec installed{};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(file("/var/db/pkg"))) {
    const timespec changed = status_of(entry.path().string()).st_ctim;
    if (entry.is_directory() && is_later(changed, installed)) installed = changed;
  }
  set_flags(path, flags);
  // The clock of inodes ticks slowly, and what is set to what it is changes nothing.
  while (!is_later(status_of(file(path)).st_ctim, installed)) {
    remove_flags(path);
    set_flags(path, flags);
  }
}

void SeededRoot::finish_install(const std::string& package) const {
  write_database();
  const std::string place = file("/var/db/pkg/" + package);
  const std::string merging = file("/var/db/pkg/-MERGING-");
  std::filesystem::rename(place, merging);
  std::filesystem::rename(merging, place);
}

void SeededRoot::seed_unmet_requirement() {
  add("/usr/lib64/libjit.so.1", library("libjit.so.1"), "lib/jit-1");
  add("/usr/lib64/libmid.so.1", library("libmid.so.1", {"libjit.so.1"}), "lib/mid-1");
  for (const char* const path : {"/usr/bin/a", "/usr/bin/b", "/usr/bin/d"}) add(path, program({"libjit.so.1"}));
  add("/opt/c", program({"libmid.so.1"}), "app/two-2");
  add("/usr/lib64/libplug.so.1", library("libplug.so.1"), "lib/plug-1");
  Object opener = program({});
  opener.dlopen_notes = {R"([{"feature":"jit","priority":"recommended","soname":["libplug.so.1"]}])"};
  add("/usr/bin/opener", opener);
  set_flags("/usr/lib64/libjit.so.1", "m");
  set_flags("/usr/lib64/libplug.so.1", "m");
}

void SeededRoot::seed_conflict() {
  add("/usr/lib64/libwish.so.1", library("libwish.so.1"), "lib/wish-1");
  set_flags("/usr/lib64/libwish.so.1", "m");
  add("/usr/bin/insists", program({"libwish.so.1"}));
  mark_since("/usr/bin/insists", "eM");
}

void SeededRoot::seed_refused() {
  add("/usr/bin/torn", with_header(program({}), header_e));
  mark_since("/usr/bin/torn", "er");
  add("/usr/bin/bare-p", program({}));
  mark_since("/usr/bin/bare-p", "p");
}

void SeededRoot::seed_void_marking() {
  add("/usr/bin/newline", program({}));
  mark_since("/usr/bin/newline", "em\n");
  add("/usr/bin/both", with_header(program({}), header_both_m));
  add("/usr/lib64/libtwice.so.1", library("libtwice.so.1"), "lib/twice-1");
  set_flags("/usr/lib64/libtwice.so.1", "mm");
}

void SeededRoot::seed_emutramp_by_accident() {
  add("/usr/bin/accident", program({}));
  mark_since("/usr/bin/accident", "R");
}

void SeededRoot::seed_stale_claim() {
  add("/usr/lib64/libwas.so.1", library("libwas.so.1"), "lib/was-1");
  add("/usr/bin/stale", program({"libwas.so.1"}));
  set_flags("/usr/lib64/libwas.so.1", "m");
  EXPECT_EQ(run({"-r", "-m", "-y", "--only", "/usr/bin/stale"}).status, 0);
  EXPECT_EQ(flags("/usr/bin/stale"), "em");
  remove_flags("/usr/lib64/libwas.so.1");
}

void SeededRoot::seed_needs_marking() {
  Object text = library("libtext.so.1");
  text.text_relocations = true;
  add("/usr/lib64/libtext.so.1", text, "lib/text-1");
  Object segment = library("libsegment.so.1");
  segment.writable_executable_segment = true;
  add("/usr/lib64/libsegment.so.1", segment, "lib/segment-1");
  Object stack = library("libstack.so.1");
  stack.stack_flags = rwx;
  add("/usr/lib64/libstack.so.1", stack, "lib/stack-1");
  Object unstated = library("libunstated.so.1");
  unstated.stack_flags.reset();
  add("/usr/lib64/libunstated.so.1", unstated, "lib/unstated-1");
  write("/usr/share/revdep-pax/known.d/known.conf", "libknown.so.* m 2026-11 compiles at run time\n");
  add("/usr/lib64/libknown.so.7", library("libknown.so.7"), "lib/known-7");
  add("/usr/bin/user", program({"libtext.so.1", "libsegment.so.1", "libknown.so.7"}));
  for (const char* const path : {"/usr/bin/su", "/usr/bin/mount"}) {
    add(path, program({"libtext.so.1"}));
    set_mode(file(path), 04755);
  }
  Object nested = program({});
  nested.stack_flags = rwx;
  add("/usr/bin/nested", nested);
}

void SeededRoot::seed_store_mismatch() {
  add("/usr/lib64/libdiffers.so.1", with_header(library("libdiffers.so.1"), header_e), "lib/differs-1");
  set_flags("/usr/lib64/libdiffers.so.1", "em");
}

void SeededRoot::seed_unjustified() {
  add("/usr/bin/relaxed", program({}));
  mark_since("/usr/bin/relaxed", "em");
  add("/usr/bin/passwd", program({}));
  mark_since("/usr/bin/passwd", "er");
  set_mode(file("/usr/bin/passwd"), 04755);
}

void SeededRoot::seed_untrusted_asker() {
  add("/usr/lib64/libgroup.so.1", library("libgroup.so.1"), "lib/group-1");
  set_flags("/usr/lib64/libgroup.so.1", "m");
  set_mode(file("/usr/lib64/libgroup.so.1"), 0775);
  add("/usr/lib64/open/libopen.so.1", library("libopen.so.1"), "lib/open-1");
  set_flags("/usr/lib64/open/libopen.so.1", "r");
  set_mode(file("/usr/lib64/open"), 0777);
  Object trusting = program({"libgroup.so.1", "libopen.so.1"});
  trusting.runpath = "/usr/lib64/open";
  add("/usr/bin/trusting", trusting);
}

void SeededRoot::seed_unreadable() {
  add("/usr/bin/cut", program({}));
  std::filesystem::resize_file(file("/usr/bin/cut"), 80);
  add("/usr/bin/secret", program({}));
  set_mode(file("/usr/bin/secret"), 0700);
}

void SeededRoot::seed_unresolved() { add("/usr/bin/lacking", program({"libnowhere.so.9"})); }

void SeededRoot::seed_legacy_ei_pax() {
  Object old = program({});
  old.ident_padding[5] = 4;
  add("/usr/bin/old", old);
}

// The database's word is of the file that was there before.
void SeededRoot::seed_vdb_disagrees() {
  add("/usr/bin/rebuilt", program({"libclean.so.1"}));
  replace("/usr/bin/rebuilt", program({}));
}

void SeededRoot::seed_everything() {
  seed_stale_claim();
  seed_unmet_requirement();
  seed_conflict();
  seed_refused();
  seed_void_marking();
  seed_emutramp_by_accident();
  seed_needs_marking();
  seed_store_mismatch();
  seed_unjustified();
  seed_untrusted_asker();
  seed_unreadable();
  seed_unresolved();
  seed_legacy_ei_pax();
  seed_vdb_disagrees();
}

}  // namespace revdep::tool
