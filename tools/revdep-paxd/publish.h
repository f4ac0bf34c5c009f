// A small file that others read at any time: they see the old one or the new one. Makes no directory, and is not for what
// must survive a crash.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace revdep::daemon {

/// Writes `name` in the directory `directory`, readable by all. `shown` is for the error.
std::optional<base::Error> publish(int directory, const std::string& name, std::string_view text,
                                   const std::string& shown);

/// The same by an absolute path of the running system.
std::optional<base::Error> publish(const std::string& path, std::string_view text);

}  // namespace revdep::daemon
