#include "revdep-pax/progress.h"

#include <utility>

namespace revdep::tool {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 1s;
constexpr auto interval = 200ms;
constexpr const char* erase_line = "\r\x1b[K";

}  // namespace

Progress::Progress(std::ostream& to, bool shown, Clock clock)
    : to_(to), shown_(shown), clock_(std::move(clock)), next_(clock_() + patience) {}

void Progress::step() {
  ++done_;
  if (!shown_) return;
  const auto now = clock_();
  if (now < next_) return;
  next_ = now + interval;
  to_ << erase_line << done_ << " of " << expected_ << " files" << std::flush;
  stands_ = true;
}

void Progress::clear() {
  if (std::exchange(stands_, false)) to_ << erase_line << std::flush;
}

}  // namespace revdep::tool
