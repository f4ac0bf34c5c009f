#include "watch/events.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>

#include <cstdint>
#include <utility>

namespace revdep::watch {

std::string to_text(const RawEvent& event) {
  static const std::vector<std::pair<std::uint32_t, std::string>> names = {
      {IN_ATTRIB, "ATTRIB"},         {IN_CLOSE_WRITE, "CLOSE_WRITE"}, {IN_CREATE, "CREATE"},
      {IN_DELETE, "DELETE"},         {IN_MOVED_FROM, "MOVED_FROM"},   {IN_MOVED_TO, "MOVED_TO"},
      {IN_MOVE_SELF, "MOVE_SELF"},   {IN_DELETE_SELF, "DELETE_SELF"}, {IN_UNMOUNT, "UNMOUNT"},
      {IN_Q_OVERFLOW, "Q_OVERFLOW"}, {IN_IGNORED, "IGNORED"},         {IN_ISDIR, "ISDIR"}};
  std::string text;
  for (const auto& [bit, name] : names) {
    if ((event.mask & bit) != 0) text += (text.empty() ? "" : ",") + name;
  }
  return event.name.empty() ? text : text + ' ' + event.name;
}

std::vector<RawEvent> wait_for_events(Inotify& inotify) {
  pollfd waiting{inotify.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 30000), 1) << "no event came";
  auto events = inotify.read();
  EXPECT_TRUE(events.ok());
  return events ? *std::move(events) : std::vector<RawEvent>{};
}

}  // namespace revdep::watch
