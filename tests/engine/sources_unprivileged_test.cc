// An ordinary user: what it may not read is named, once each, and everything else is complete.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "engine/sample_root.h"
#include "support/child.h"

namespace revdep::engine_test {
namespace {

// Its closures, consumers and markings, then its messages, as lines. Of a file that cannot be read the loader it names
// and the marking are unknown: they are left out.
std::string report(const std::string& root, engine::FactsFrom facts, const std::vector<std::string>& unreadable) {
  engine::LoadOptions options;
  options.root = root;
  options.facts = facts;
  auto system = load(options);
  std::string text;
  for (auto& [path, answer] : ask(*system)) {
    const bool hidden = std::find(unreadable.begin(), unreadable.end(), path) != unreadable.end();
    std::erase_if(answer.unresolved,
                  [&](const std::string& name) { return hidden && name.find("/ld-") != std::string::npos; });
    if (hidden) answer.marking = "";
    text += path + ": " + testing::PrintToString(answer) + '\n';
  }
  return text;
}

class Unprivileged : public testing::TestWithParam<engine::FactsFrom> {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  }
  void hide(std::string_view path, unsigned mode) {
    std::filesystem::permissions(root_ / path, std::filesystem::perms(mode));
    unreadable_.emplace_back(path);
  }

  SampleRoot root_;
  std::vector<std::string> unreadable_ = {"/usr/bin/mode0", "/usr/bin/x"};
};
INSTANTIATE_TEST_SUITE_P(FactsFrom, Unprivileged, testing::Values(engine::FactsFrom::vdb, engine::FactsFrom::elf),
                         [](const auto& test) { return test.param == engine::FactsFrom::vdb ? "Vdb" : "Elf"; });

TEST_P(Unprivileged, UnreadableObjectsKeepTheDatabasesWordAndTheRestIsComplete) {
  hide("/usr/bin/foouser", 0711);
  hide("/opt/origin/bin/origin", 0700);
  hide("/usr/lib64/libjitxt.so.1", 0700);
  const std::string expected = report(root_.path(), GetParam(), unreadable_);
  EXPECT_EQ(support::as_ordinary_user([&] { return report(root_.path(), GetParam(), unreadable_); }), expected);
}

TEST_P(Unprivileged, EachUnreadableObjectIsNamedOnce) {
  hide("/usr/bin/foouser", 0711);
  hide("/opt/origin/bin/origin", 0700);
  hide("/usr/lib64/libjitxt.so.1", 0700);
  const std::string text = support::as_ordinary_user([&] {
    engine::LoadOptions options;
    options.root = root_.path();
    options.facts = GetParam();
    const auto system = load(options);
    ask(*system);
    std::string lines;
    for (const std::string& line : problem_lines(*system)) lines += line + '\n';
    return lines;
  });
  unreadable_.emplace_back("/var/lib/portage/preserved_libs_registry");  // Portage gives it to its group only
  for (const std::string& path : unreadable_) {
    const std::size_t first = text.find(" " + path + ": Permission denied\n");
    EXPECT_NE(first, std::string::npos) << path << " in\n" << text;
    EXPECT_EQ(text.find(" " + path + ": ", first + 1), std::string::npos) << text;
  }
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), unreadable_.size()) << text;
}

TEST_F(Unprivileged, AnUnreadablePackageIsOneMessageAndTheOthersCount) {
  std::filesystem::permissions(root_.database("app-solo/only-1"), std::filesystem::perms(0700));
  const std::string text = support::as_ordinary_user([&] {
    const auto system = load(root_.path());
    std::string lines = std::to_string(system->graph().objects().size()) + " objects\n";
    for (const std::string& line : problem_lines(*system)) {
      if (line.find("/var/db/pkg") != std::string::npos) lines += line + '\n';
    }
    return lines;
  });
  // 32 less /usr/bin/only.
  EXPECT_EQ(text, "31 objects\ncannot read /var/db/pkg/app-solo/only-1/NEEDED.ELF.2: Permission denied\n");
}

TEST_F(Unprivileged, AnUnreadableCategoryIsOneMessage) {
  std::filesystem::permissions(root_.database("app-solo"), std::filesystem::perms(0700));
  const std::string text = support::as_ordinary_user([&] {
    std::string lines;
    for (const std::string& line : problem_lines(*load(root_.path()))) {
      if (line.find("/var/db/pkg") != std::string::npos) lines += line + '\n';
    }
    return lines;
  });
  EXPECT_EQ(text, "cannot list /var/db/pkg/app-solo: Permission denied\n");
}

}  // namespace
}  // namespace revdep::engine_test
