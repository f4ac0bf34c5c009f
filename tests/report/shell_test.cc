#include <gtest/gtest.h>

#include "report/findings.h"
#include "support/command.h"

namespace revdep::report {
namespace {

TEST(ShellCommand, LeavesPlainWordsAsTheyAre) {
  EXPECT_EQ(shell_command({"revdep-pax", "--kernel", "softmode=yes,ei=no", "--set", "em", "/usr/lib64/libstdc++.so.6"}),
            "revdep-pax --kernel softmode=yes,ei=no --set em /usr/lib64/libstdc++.so.6");
}

TEST(ShellCommand, QuotesAllElse) {
  EXPECT_EQ(shell_command({"revdep-pax", "--set", "em", "/opt/My Dir/app"}), "revdep-pax --set em '/opt/My Dir/app'");
  EXPECT_EQ(shell_command({"x", "it's", ""}), R"(x 'it'\''s' '')");
  EXPECT_EQ(shell_command({}), "");
}

TEST(ShellCommand, IsReadBackByAShellWordForWord) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::vector<std::string> words = {all, "",      "'",    "''",    "a'b\n", "~", "#x",
                                          "*", "$HOME", "`id`", "{a,b}", "a=~",   "\\"};
  std::vector<std::string> command = {"printf", "%s|"};
  std::string expected;
  for (const std::string& word : words) {
    command.push_back(word);
    expected += word + '|';
  }
  EXPECT_EQ(support::run({"sh", "-c", shell_command(command)}).out, expected);
}

}  // namespace
}  // namespace revdep::report
