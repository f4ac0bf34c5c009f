// Work that a test does in a child process: as a user without privileges, or in namespaces of its own, where it can mount
// and lower limits without the system noticing.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace revdep::support {

inline constexpr uid_t ordinary_user = 65534;

/// Runs `work` in a child process of that user, which only root can become; the text that it gives, or why there is none.
std::string as_ordinary_user(const std::function<std::string()>& work);

/// Runs `work` in a child after unshare(flags); the text that it gives, or why there is none. nullopt: such namespaces are
/// not to be had here.
std::optional<std::string> in_namespaces(int flags, const std::function<std::string()>& work);

/// Sets /proc/sys/user/`name`, which counts for the child's user namespace only (CLONE_NEWUSER).
bool set_user_limit(std::string_view name, unsigned limit);

}  // namespace revdep::support
