// Events as a test writes and prints them, and the wait for real ones.
#pragma once

#include <string>
#include <vector>

#include "watch/inotify.h"

namespace revdep::watch {

/// "MOVED_TO,ISDIR x-1": the mask's bits and the name.
std::string to_text(const RawEvent& event);

/// What there is once there is something; nothing if that takes longer than any machine needs.
std::vector<RawEvent> wait_for_events(Inotify& inotify);

}  // namespace revdep::watch
