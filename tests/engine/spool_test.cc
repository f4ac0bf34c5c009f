// What was marked in an image becomes ours when it has arrived, and not before.
#include "engine/spool.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <stdexcept>

#include "migrate/identity.h"
#include "support/elf_builder.h"
#include "support/temp_dir.h"

namespace revdep::engine {
namespace {

using migrate::Journal;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class T>
T demand(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return std::move(*result);
}

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root writes journals";
    if (::setxattr(root_.path().c_str(), "user.probe", "1", 1, 0) != 0) GTEST_SKIP() << "no user xattrs here";
    std::filesystem::create_directories(root_ / "usr/bin");
    put("/usr/bin/x", "em");
  }

  // A file of the system with that marking ("": none); others by `gap`.
  void put(const std::string& path, const std::string& flags, std::size_t gap = 0) const {
    elf_builder::Object object = elf_builder::program({});
    object.gap = gap;
    const auto place = root_ / path;
    std::filesystem::remove(place);
    elf_builder::write_object(place, object);
    if (!flags.empty()) ::setxattr(place.c_str(), "user.pax.flags", flags.data(), flags.size(), 0);
  }
  base::Tree tree() const { return demand(base::Tree::open(root_.string())); }
  std::string state() const { return root_ / "var/lib/revdep-pax/state.db"; }
  Journal journal() const { return demand(Journal::open(state(), Journal::Access::write)); }

  // As if `paths`, which are as the system's files of that name, had been given "em" in an image at `time`.
  std::string spool(const std::vector<std::string>& paths, std::int64_t time) const {
    const std::string path = new_spool_path(state());
    Journal spool = demand(Journal::open(path, Journal::Access::write));
    const migrate::RunId run = demand(spool.begin_run("revdep-pax --image x", 0, time));
    base::Tree system = tree();
    for (const std::string& name : paths) {
      migrate::JournalledEdit edit;
      edit.file = demand(migrate::read_identity(system, system.resolve(name).path));
      edit.file.path = name;
      edit.names = {name};
      edit.after.xattr = "em";
      edit.reasons = {{pax::Letter::M, {"/usr/lib64/libjit.so.1"}}};
      const migrate::EditId id = demand(spool.begin_edit(run, edit));
      const auto claim = demand(spool.claim_after(edit));
      if (auto error = spool.end_edit(id, migrate::EditState::done, claim)) throw std::runtime_error(error->reason);
    }
    return path;
  }
  std::string finished_spool(const std::vector<std::string>& paths, std::int64_t time = 0) const {
    const std::string path = spool(paths, time);
    if (auto error = finish_spooled(path)) throw std::runtime_error(error->to_string());
    return find_spooled(state()).back();
  }
  std::vector<std::string> take_up() const {
    base::Tree system = tree();
    Journal to = journal();
    return take_up_spooled(system, to, state());
  }
  std::vector<std::string> claimed() const {
    std::vector<std::string> paths;
    for (const migrate::Claim& claim : demand(journal().claims())) paths.push_back(claim.file.path);
    return paths;
  }
  // Of a merge that is under way.
  static std::int64_t now() { return std::time(nullptr); }

  support::TempDir root_{TEST_DIRECTORY};
};

TEST_F(SpoolTest, AFileThatIsThereAsItWasMarkedIsOurs) {
  finished_spool({"/usr/bin/x"});
  EXPECT_THAT(take_up(), IsEmpty());
  const auto claims = demand(journal().claims());
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].file.path, "/usr/bin/x");
  EXPECT_TRUE(claims[0].created_xattr);
  ASSERT_EQ(claims[0].reasons.size(), 1U);
  EXPECT_THAT(claims[0].reasons[0].askers, ElementsAre("/usr/lib64/libjit.so.1"));
  const auto runs = demand(journal().runs());
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].command, "revdep-pax --image x");
  EXPECT_EQ(demand(journal().edits_of(runs[0].id))[0].state, migrate::EditState::done);
  EXPECT_THAT(find_spooled(state()), IsEmpty());
}

TEST_F(SpoolTest, WhatIsNotThereYetIsWaitedFor) {
  finished_spool({"/usr/bin/x"}, now() - 60);
  put("/usr/bin/x", "em", 16);  // the old version
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_THAT(claimed(), IsEmpty());
  std::filesystem::remove(root_ / "usr/bin/x");
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_EQ(find_spooled(state()).size(), 1U);
  put("/usr/bin/x", "em");
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_THAT(claimed(), ElementsAre("/usr/bin/x"));
  EXPECT_THAT(find_spooled(state()), IsEmpty());
}

TEST_F(SpoolTest, AnEqualFileThatLayThereBeforeIsNotIt) {
  put("/usr/bin/x", "");
  finished_spool({"/usr/bin/x"}, now() + 60);
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_EQ(find_spooled(state()).size(), 1U);
}

TEST_F(SpoolTest, WhatCameWithoutItsMarkingIsForgotten) {
  put("/usr/bin/x", "");
  finished_spool({"/usr/bin/x"});
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_THAT(claimed(), IsEmpty());
  EXPECT_THAT(find_spooled(state()), IsEmpty());
}

TEST_F(SpoolTest, WhatDidNotComeForADayIsForgotten) {
  finished_spool({"/usr/bin/x"}, now() - 24 * 60 * 60 - 1);
  std::filesystem::remove(root_ / "usr/bin/x");
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_THAT(find_spooled(state()), IsEmpty());
}

TEST_F(SpoolTest, OneOfTwoIsTakenUpOnce) {
  put("/usr/bin/y", "em", 16);
  finished_spool({"/usr/bin/x", "/usr/bin/y"}, now() - 60);
  std::filesystem::remove(root_ / "usr/bin/y");
  take_up();
  take_up();
  EXPECT_THAT(claimed(), ElementsAre("/usr/bin/x"));
  EXPECT_EQ(demand(journal().edits_on("/usr/bin/x")).size(), 1U);
  put("/usr/bin/y", "em", 16);
  take_up();
  EXPECT_THAT(claimed(), ElementsAre("/usr/bin/x", "/usr/bin/y"));
  EXPECT_EQ(demand(journal().edits_on("/usr/bin/x")).size(), 1U);
  EXPECT_THAT(find_spooled(state()), IsEmpty());
}

TEST_F(SpoolTest, ItIsOursUnderTheNameThatTheSystemHasForIt) {
  std::filesystem::create_symlink("usr/bin", root_ / "bin");
  finished_spool({"/bin/x"});
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_THAT(claimed(), ElementsAre("/usr/bin/x"));
}

TEST_F(SpoolTest, AnUnfinishedOneDoesNotCountAndGoesAfterADay) {
  const std::string path = spool({"/usr/bin/x"}, 0);
  EXPECT_THAT(find_spooled(state()), IsEmpty());
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_THAT(claimed(), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(path));
  const struct timespec times[2] = {{0, UTIME_OMIT}, {now() - 2 * 24 * 60 * 60, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_THAT(take_up(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SpoolTest, ADamagedOneIsNamedAndGoes) {
  const std::string path = finished_spool({"/usr/bin/x"});
  support::write_file(path, std::string(5000, 'x'), 0644);
  EXPECT_THAT(take_up(), ElementsAre(HasSubstr(path)));
  EXPECT_THAT(find_spooled(state()), IsEmpty());
}

TEST_F(SpoolTest, WhereNothingIsSpooledNothingIsMade) {
  EXPECT_THAT(find_spooled(state()), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(root_ / "var/lib/revdep-pax/spool"));
}

}  // namespace
}  // namespace revdep::engine
