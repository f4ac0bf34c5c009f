// Work that a test does as a user without privileges. Only root can become one.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace revdep::support {

inline constexpr uid_t ordinary_user = 65534;

/// Runs `work` in a child process of that user; returns the text that it gives, or why there is none.
std::string as_ordinary_user(const std::function<std::string()>& work);

}  // namespace revdep::support
