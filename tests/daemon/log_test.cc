// A turn's lines, and how they get to the journal.
#include <spdlog/logger.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "daemon/daemon_fixture.h"
#include "revdep-paxd/journal_sink.h"
#include "revdep-paxd/telling.h"

namespace revdep::daemon {
namespace {

using report::Mark;
using report::Outcome;

Mark mark(Outcome outcome) {
  Mark mark;
  mark.path = "/usr/bin/a b\n";
  mark.package = "app/a-1";
  mark.after.xattr = "em";
  mark.before.header = 0x2800;
  mark.after.header = 0x2a00;
  mark.outcome = outcome;
  mark.why = "m: /usr/lib64/libjit.so.1";
  return mark;
}

TEST(LogLine, HasFileChangeAndReason) {
  EXPECT_EQ(format_mark(mark(Outcome::marked)),
            "marked /usr/bin/a b\\x0a [app/a-1]: user.pax.flags none -> em, PT_PAX -e--- -> -em-- "
            "(m: /usr/lib64/libjit.so.1)");
  Mark taken_back = mark(Outcome::withdrawn);
  std::swap(taken_back.before, taken_back.after);
  taken_back.package.clear();
  taken_back.why.clear();
  EXPECT_EQ(format_mark(taken_back),
            "withdrew from /usr/bin/a b\\x0a: user.pax.flags em -> none, PT_PAX -em-- -> -e---");
}

TEST(LogLine, SaysWhyNothingWasChanged) {
  Mark failed = mark(Outcome::failed);
  failed.reason = "Read-only file system";
  EXPECT_EQ(format_mark(failed),
            "failed to mark /usr/bin/a b\\x0a [app/a-1]: Read-only file system (m: /usr/lib64/libjit.so.1)");
}

// One end of a pair, read as a datagram.
std::string received(int socket) {
  std::array<char, 65536> text{};
  const ssize_t size = ::recv(socket, text.data(), text.size(), MSG_DONTWAIT);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

TEST(Journal, IsToldOfPrioritiesByPrefixes) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  const base::Fd journal(ends[0]);
  const base::Fd ours(ends[1]);
  spdlog::logger log("test", std::make_shared<PrefixSink>(ours.get()));
  log.set_level(spdlog::level::trace);
  log.error("e");
  log.warn("w");
  log.info("i");
  log.debug("d");
  for (const char* const line : {"<3>e\n", "<4>w\n", "<6>i\n", "<7>d\n"}) EXPECT_EQ(received(journal.get()), line);
}

TEST(Journal, IsStandardErrorWhereTheVariableSaysSo) {
  const support::TempDir directory;
  support::write_file(directory / "stream", "");
  const base::Fd file(::open((directory / "stream").c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  ASSERT_EQ(::fstat(file.get(), &status), 0);
  const std::string stream = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
  EXPECT_TRUE(is_journal(file.get(), stream.c_str()));
  EXPECT_FALSE(is_journal(file.get(), (stream + '0').c_str()));
  EXPECT_FALSE(is_journal(file.get(), nullptr));
  EXPECT_FALSE(is_journal(-1, stream.c_str()));
}

TEST(Journal, IsSpokenToByItsSocket) {
  const support::TempDir directory;
  const std::string path = directory.string() + "/socket";
  EXPECT_FALSE(JournalSink::connect(path.c_str()));
  const base::Fd journal(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(journal.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  auto sink = JournalSink::connect(path.c_str());
  ASSERT_TRUE(sink) << sink.error().to_string();
  spdlog::logger log("test", *sink);
  log.warn("marked {}", "/usr/bin/a");
  EXPECT_EQ(received(journal.get()), "SYSLOG_IDENTIFIER=revdep-paxd\nPRIORITY=4\nMESSAGE=marked /usr/bin/a\n");
  log.warn("{}", std::string(1 << 20, 'x'));
  EXPECT_LT(received(journal.get()).size(), 50'000U) << "what would not fit is cut";
}

}  // namespace
}  // namespace revdep::daemon
