// "Did you mean ...?": the known name that a misspelled one is nearest to. Decides nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace revdep::config {

/// "; did you mean 'NAME'?" if `word` is a slip of the finger away from one of `names`; else `otherwise`, a colon and
/// all of them.
std::string suggest_name(std::string_view word, std::span<const std::string_view> names, std::string_view otherwise);

}  // namespace revdep::config
