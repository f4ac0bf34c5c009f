#include "engine/directories_ahead.h"

#include <map>
#include <optional>
#include <utility>

namespace revdep::engine {
namespace {

// With fewer names in it, a directory may not be asked about often enough to be listed at all.
constexpr std::size_t worth_listing = 64;

}  // namespace

DirectoriesAhead::DirectoriesAhead(base::Tree& tree, SecondReader& reader, std::span<const loader::CacheEntry> cache,
                                   std::span<const std::string> path)
    : tree_(tree), listings_(reader, Urgency::directories, [&tree](const Question& question) {
        return tree.list_ahead(question.directory, question.names);
      }) {
  std::map<std::string_view, Question> questions;  // by path as the cache has it
  for (const loader::CacheEntry& entry : cache) {
    const auto [directory, name] = base::split_path(entry.path);
    // Names for the compiler lie among those for the loader.
    if (!name.ends_with(".so")) questions[directory].names.push_back(name);
  }
  const auto ask = [&](std::string_view directory, Question question) {
    const std::string* const canonical = tree.resolve_directory(directory);
    if (canonical == nullptr || asked_.contains(*canonical)) return;
    question.directory = *canonical;
    asked_.emplace(*canonical, listings_.ask(std::move(question)));
  };
  for (auto& [directory, question] : questions) {
    if (question.names.size() >= worth_listing) ask(directory, std::move(question));
  }
  for (const std::string& directory : path) ask(directory, {});
  tree.set_ahead([this](std::string_view directory) -> std::optional<base::Tree::Listing> {
    const auto asked = asked_.find(directory);
    if (asked == asked_.end()) return std::nullopt;
    base::Tree::Listing listing = listings_.take(asked->second);
    asked_.erase(asked);
    return listing;
  });
}

DirectoriesAhead::~DirectoriesAhead() { tree_.set_ahead(nullptr); }

}  // namespace revdep::engine
