// Names that may hold any bytes, made fit for one line of text.
#pragma once

#include <string>
#include <string_view>

namespace revdep::base {

/// Control bytes and the backslash as \xHH; every other byte as it is. One line, and unambiguous.
std::string escape(std::string_view bytes);
/// The same with the bytes above 0x7f as \xHH as well.
std::string escape_to_ascii(std::string_view bytes);

/// Whether escape() would leave it as it is.
bool is_plain(std::string_view bytes);

}  // namespace revdep::base
