#include "tools/marking_root.h"

#include <unistd.h>

#include <regex>

namespace revdep::tool {

using elf_builder::library;
using elf_builder::program;

void MarkingTest::SetUp() {
  if (!root_.has_xattrs()) GTEST_SKIP() << "no user xattrs where the tests run";
  if (::geteuid() != 0) GTEST_SKIP() << "only root may write the journal";
  root_.add("/usr/bin/a", program({"libjit.so.1"}));
  root_.add("/usr/bin/b", program({"libjit.so.1"}), "app/two-2");
  root_.add("/opt/c", program({"libmid.so.1"}));
  root_.add("/usr/bin/plain", program({"libplain.so.1"}));
  root_.add(jit, library("libjit.so.1"), "lib/jit-1");
  root_.add("/usr/lib64/libmid.so.1", library("libmid.so.1", {"libjit.so.1"}), "lib/mid-1");
  root_.add("/usr/lib64/libplain.so.1", library("libplain.so.1"), "lib/plain-1");
  root_.set_flags(jit, "m");
}

elf_builder::Object MarkingTest::with_header(std::uint32_t p_flags) {
  elf_builder::Object object = program({"libjit.so.1"});
  object.pax_flags = {p_flags};
  return object;
}

elf_builder::Object MarkingTest::with_ei(std::uint8_t ei_pax) {
  elf_builder::Object object = program({"libjit.so.1"});
  object.ident_padding[5] = ei_pax;
  return object;
}

support::Outcome MarkingTest::migrate(std::vector<std::string> more) const {
  more.insert(more.begin(), {"-r", "-m", "-y"});
  return root_.run(more);
}

std::string MarkingTest::flags() const {
  return root_.flags("/usr/bin/a") + " " + root_.flags("/usr/bin/b") + " " + root_.flags("/opt/c");
}

std::string MarkingTest::brief(const support::Outcome& outcome) {
  std::string line = outcome.out;
  if (line.ends_with('\n')) line.pop_back();
  return std::to_string(outcome.status) + ": " + line.substr(line.rfind('\n') + 1);
}

std::string MarkingTest::cannot_mark(const std::string& path, const std::string& why) const {
  return "cannot mark " + root_.file(path) + ": " + why + "\n";
}

std::string summary(int status, int marked, int right, int withdrawn, int refused, int failed) {
  return std::to_string(status) + ": " + std::to_string(marked) + " marked, " + std::to_string(right) +
         " already right, " + std::to_string(withdrawn) + " withdrawn, " + std::to_string(refused) +
         " refused to change, " + std::to_string(failed) + " failed";
}

std::string without_times(const std::string& text) {
  return std::regex_replace(text, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"), "TIME");
}

}  // namespace revdep::tool
