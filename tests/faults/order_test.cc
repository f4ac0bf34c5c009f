// What is on the disk before what: a power cut finds nothing that the order of system calls does not allow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>

#include "faults/strace.h"
#include "faults/trial.h"

namespace revdep::faults {
namespace {

using Events = std::vector<std::string>;

// "/usr/bin/x>, ..." with strace's -y: what a descriptor's path ends with.
std::string last_component(const std::string& arguments) {
  const std::size_t end = arguments.find('>');
  const std::size_t begin = arguments.rfind('/', end);
  return end == std::string::npos || begin == std::string::npos ? "" : arguments.substr(begin + 1, end - begin - 1);
}

// The first quoted word, without its directory.
std::string quoted(const std::string& arguments) {
  const std::size_t begin = arguments.find('"') + 1;
  const std::string word = arguments.substr(begin, arguments.find('"', begin) - begin);
  return word.substr(word.rfind('/') + 1);
}

// "write both", "sync bin": in order, a repetition once.
Events find_events(const std::vector<Call>& calls) {
  static const std::map<std::string, std::string> of_descriptors = {{"pwrite64", "write "},
                                                                    {"fsync", "sync "},
                                                                    {"fdatasync", "sync "},
                                                                    {"fsetxattr", "set xattr of "},
                                                                    {"fremovexattr", "remove xattr of "}};
  static const std::map<std::string, std::string> of_names = {{"renameat", "rename "}, {"unlink", "unlink "}};
  Events events;
  for (const Call& call : calls) {
    std::string event;
    if (const auto found = of_descriptors.find(call.name); found != of_descriptors.end()) {
      event = found->second + last_component(call.arguments);
    } else if (const auto named = of_names.find(call.name); named != of_names.end()) {
      event = named->second + quoted(call.arguments);
    }
    if (!event.empty() && (events.empty() || events.back() != event)) events.push_back(event);
  }
  return events;
}

bool is_of_the_journal(const std::string& event) {
  return event.find(" state.db") != std::string::npos || event.ends_with(" revdep-pax");
}

class Order : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can write the journal";
    if (!support::have_program("strace")) GTEST_SKIP() << "no strace";
    template_ = std::make_unique<Template>(Creates::nothing);
    if (!template_->lacks().empty()) GTEST_SKIP() << template_->lacks();
  }

  // What a migration of this file alone does to it, between two changes of the journal that are on the disk when they end.
  Events find_edit(const std::string& name) const {
    const Trial trial(*template_);
    const std::string log = trial.file("log");
    const auto outcome = trial.migrate({"strace", "-f", "-qq", "-y", "-s", "4096", "-o", log}, {"--only=" + name});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const Events events = find_events(parse_log(support::read_file(log)));
    const Events committed = {"write state.db", "sync state.db", "unlink state.db-journal", "sync revdep-pax"};
    // The directories that the journal lies in were made before.
    const auto begun = std::search(events.begin(), events.end(), committed.begin(), committed.end());
    const auto first = std::find_if_not(begun, events.end(), is_of_the_journal);
    const auto last = std::find_if_not(events.rbegin(), events.rend(), is_of_the_journal).base();
    const auto ends_committed = [&](Events part) {
      part.erase(part.begin(), part.size() < committed.size() ? part.end() : part.end() - 4);
      return part == committed;
    };
    EXPECT_TRUE(ends_committed(Events(events.begin(), first))) << testing::PrintToString(events);
    EXPECT_TRUE(ends_committed(Events(last, events.end()))) << testing::PrintToString(events);
    return first < last ? Events(first, last) : Events();
  }

  std::unique_ptr<Template> template_;
};

TEST_F(Order, ACopyIsOnTheDiskBeforeItTakesTheNameAndTheDirectoryAfterwards) {
  EXPECT_EQ(find_edit("/usr/bin/both"), Events({"write .both.revdep-pax", "set xattr of .both.revdep-pax",
                                                "sync .both.revdep-pax", "rename .both.revdep-pax", "sync bin"}));
}

TEST_F(Order, AHeaderIsOnTheDiskBeforeTheJournalCallsItDone) {
  EXPECT_EQ(find_edit("/usr/bin/header"), Events({"write header", "sync header"}));
}

TEST_F(Order, EachStepIsOnTheDiskBeforeTheNext) {
  const Events edit = find_edit("/usr/bin/linked");
  const Events steps = {"remove xattr of linked", "sync linked", "write linked", "sync linked", "set xattr of linked"};
  EXPECT_EQ(Events(edit.begin(), edit.begin() + std::min<std::ptrdiff_t>(5, std::ssize(edit))), steps);
}

TEST_F(Order, TheJournalKnowsOfAnXattrBeforeItChanges) {
  EXPECT_THAT(find_edit("/usr/bin/xattr"), testing::Contains("set xattr of xattr"));
}

}  // namespace
}  // namespace revdep::faults
