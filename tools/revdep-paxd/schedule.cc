#include "revdep-paxd/schedule.h"

#include <algorithm>

namespace revdep::daemon {
namespace {

constexpr std::chrono::milliseconds first_step{10};
constexpr std::chrono::milliseconds longest_step{1000};

}  // namespace

void Schedule::demand(TimePoint time) { demanded_ = demanded_ ? std::min(*demanded_, time) : time; }

std::optional<Schedule::TimePoint> Schedule::next() const {
  if (lock_) return lock_->next;
  const std::optional<TimePoint> settled = burst_.due();
  if (settled && demanded_) return std::min(*settled, *demanded_);
  return settled ? settled : demanded_;
}

bool Schedule::due(TimePoint now) const {
  const std::optional<TimePoint> time = next();
  return time && *time <= now;
}

Schedule::Go Schedule::tried(bool busy, TimePoint now) {
  if (!busy) return Go::now;
  if (!lock_) {
    lock_ = {now + lock_timeout_, now, first_step};
  } else {
    lock_->step = std::min(2 * lock_->step, longest_step);
  }
  if (lock_->until <= now) return Go::without_lock;
  lock_->next = std::min(now + lock_->step, lock_->until);
  return Go::not_yet;
}

void Schedule::taken() {
  burst_.taken();
  demanded_.reset();
  lock_.reset();
}

}  // namespace revdep::daemon
