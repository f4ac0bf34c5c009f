// rpath, runpath and needed entries: splitting and the dynamic string tokens $ORIGIN, $LIB, $PLATFORM. Pure text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loader/image.h"
#include "loader/platform.h"

namespace revdep::loader {

/// What the tokens stand for, for one object.
struct TokenValues {
  std::string_view origin;  ///< the directory from which the object was loaded
  const Platform* platform = nullptr;
  bool secure = false;   ///< of a secure process: $ORIGIN only as the first part of a path
  bool program = false;  ///< its program: what $ORIGIN begins must then lie below a system directory
};

/// glibc's _dl_dst_substitute. nullopt: a token without a value, or $ORIGIN refused: the text is not used at all.
/// An unknown token stays as it is.
std::optional<std::string> expand_tokens(std::string_view text, const TokenValues& values);

/// Whether the text holds a token whose value is the object's place.
bool uses_origin(std::string_view text);
/// Whether the object's own search path does.
bool searches_from_origin(const Image& image);

/// Whether a secure process takes other directories from a raw rpath than others do, though it is not its program's.
bool is_read_apart_when_secure(std::string_view text, const Platform& platform);

/// glibc's fillin_rpath: the directories of a raw rpath, expanded, in order. An empty element is the current directory,
/// taken to be "/"; one that expands to nothing is none. An empty text has no directories.
std::vector<std::string> split_search_path(std::string_view text, const TokenValues& values);

}  // namespace revdep::loader
