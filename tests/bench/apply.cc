// What an edit costs: N small ELF files get an xattr by a plain fsetxattr loop, by the safe edit alone, and by the safe edit
// with the journal around it. Prints microseconds a file.
//
// Usage: apply DIR N, where DIR is an empty directory of root's on the filesystem in question.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/edit_run.h"

namespace {

using namespace revdep;

double microseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

template <class Work>
void measure(const char* what, unsigned count, Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  for (unsigned index = 0; index < count; ++index) work("/" + std::to_string(index));
  std::printf("%9.1f us/file  %s\n", microseconds(std::chrono::steady_clock::now() - start) / count, what);
}

migrate::Edit edit_of(const base::Tree& tree, const std::string& name, const char* before, const char* after) {
  const auto status = tree.status(name);
  migrate::Edit edit{{name}, status->st_dev, status->st_ino, {}, {}};
  edit.before.xattr = before;
  edit.after.xattr = after;
  return edit;
}

[[noreturn]] void fail(const base::Error& error) {
  std::fprintf(stderr, "apply: %s\n", error.to_string().c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = static_cast<unsigned>(argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 0);
  if (count == 0) {
    std::fputs("usage: apply DIR N\n", stderr);
    return 2;
  }
  const std::string root = argv[1];
  std::ifstream self(argv[0], std::ios::binary);
  const std::string image(std::istreambuf_iterator<char>(self), {});
  for (unsigned index = 0; index < count; ++index) {
    std::ofstream(root + "/" + std::to_string(index), std::ios::binary) << image.substr(0, 16384);
  }
  ::sync();
  auto tree = base::Tree::open(root);
  if (!tree) fail(tree.error());

  measure("open, fsetxattr, close", count, [&](const std::string& name) {
    const base::Fd fd(::open((root + name).c_str(), O_RDONLY | O_CLOEXEC));
    if (::fsetxattr(fd.get(), pax::xattr_name, "m", 1, 0) != 0) std::exit(1);
  });
  measure("the safe edit", count, [&](const std::string& name) {
    const auto applied = migrate::apply_edit(*tree, edit_of(*tree, name, "m", "em"), migrate::Owners::root_only);
    if (!applied) fail(applied.error());
  });
  engine::EditRunOptions options;
  options.state = root + "/state/state.db";
  options.command = "bench";
  auto run = engine::EditRun::begin(*tree, options);
  if (!run) fail(run.error());
  measure("the safe edit, journalled", count, [&](const std::string& name) {
    const auto applied = run->apply({edit_of(*tree, name, "em", "emr"), {}, {}, {}});
    if (!applied) fail(applied.error());
  });
  return 0;
}
