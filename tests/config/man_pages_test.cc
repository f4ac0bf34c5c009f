// What the manual pages of the two formats say is so: their examples are read without a complaint, and the settings that are
// described are those that there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/lines.h"
#include "config/rules.h"
#include "config/settings.h"
#include "support/temp_dir.h"

namespace revdep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string page(std::string_view name) {
  return support::read_file(std::string(PROJECT_SOURCE_DIR) + "/man/" + std::string(name));
}

// The literal blocks below EXAMPLES, as they are shown.
std::vector<std::string> examples(std::string_view text) {
  std::vector<std::string> blocks;
  bool is_literal = false;
  text.remove_prefix(text.find("\n.Sh EXAMPLES\n"));
  for_each_line(text, [&](std::string_view line, std::size_t) {
    if (line.starts_with(".Bd -literal")) {
      is_literal = true;
      blocks.emplace_back();
    } else if (line == ".Ed") {
      is_literal = false;
    } else if (is_literal) {
      std::string shown(line);
      for (std::size_t at = 0; (at = shown.find("\\e", at)) != std::string::npos; ++at) shown.erase(at + 1, 1);
      blocks.back() += shown + '\n';
    }
  });
  return blocks;
}

TEST(ManPages, TheExamplesOfRulesAreRules) {
  Rules rules;
  for (const std::string& block : examples(page("revdep-pax.rules.5"))) {
    EXPECT_THAT(parse_rules(block, "example", rules), IsEmpty()) << block;
  }
  std::vector<std::string> marks;
  for (const Mark& mark : rules.marks) marks.push_back(format_rule(mark));
  EXPECT_THAT(marks, ElementsAre("mark /usr/bin/qemu-system-* em", "mark \"/opt/My Game/run\" em",
                                 "mark /home/build/bin/node em nonroot", "mark /usr/bin/\\[ em"));
  EXPECT_EQ(rules.requirements.size(), 2U);
  EXPECT_EQ(rules.ignores.size(), 1U);
  EXPECT_EQ(rules.loads.size(), 1U);
}

TEST(ManPages, TheExamplesOfSettingsAreSettings) {
  const std::vector<std::string> blocks = examples(page("revdep-pax.conf.5"));
  EXPECT_EQ(blocks.size(), 3U);
  for (const std::string& block : blocks) {
    std::vector<base::Error> errors;
    const Settings settings = check_settings(parse_settings(block, "example", errors), errors);
    EXPECT_THAT(errors, IsEmpty()) << block;
    EXPECT_NE(settings, Settings{}) << block;
  }
}

TEST(ManPages, EverySettingIsDescribedAndNoOther) {
  const auto options = settings_options();
  std::set<std::string> known;
  for (const auto& option : options.options()) known.insert(option->long_name());
  std::set<std::string> described;
  for_each_line(page("revdep-pax.conf.5"), [&described](std::string_view line, std::size_t) {
    constexpr std::string_view item = ".It Cm ";
    if (!line.starts_with(item)) return;
    line.remove_prefix(item.size());
    described.insert(std::string(line.substr(0, line.find(' '))));
  });
  EXPECT_EQ(described, known);
}

}  // namespace
}  // namespace revdep::config
