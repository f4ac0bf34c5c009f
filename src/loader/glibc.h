// glibc's dynamic loader: elf/dl-load.c's search and elf/dl-deps.c's breadth-first walk, as of 2.36.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "loader/linker.h"

namespace revdep::loader {

class GlibcLinker final : public Linker {
 public:
  GlibcLinker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration);

  Found find_static(base::ObjectId requester, base::NameId name) override;
  [[nodiscard]] bool depends_on_context(const Image& image) const override;
  Mapping simulate(base::ObjectId program) override;
  void forget() override;

 private:
  /// A link map. Index 0 is the program, 1 its loader.
  struct Loaded {
    base::ObjectId object;
    base::ObjectId file;
    std::uint32_t loader = 0;             ///< index of the map that brought it in
    const std::string* origin = nullptr;  ///< canonical directory it was opened in
    bool listed = false;                  ///< in the breadth-first list already
  };
  struct Process;
  enum class Reason : unsigned char { needed, preload };

  Found search_default(std::string_view name) override;
  [[nodiscard]] bool names_system_directory(std::string_view path) const;
  [[nodiscard]] TokenValues token_values(const Process& process, std::uint32_t index) const;
  SearchList& search_list(const std::string& raw, const TokenValues& values, const std::string* origin);
  std::optional<base::NameId> expand_name(const Process& process, std::uint32_t requester, base::NameId name);
  Found search(Process& process, std::uint32_t requester, base::NameId name, Reason reason);
  std::uint32_t map_object(Process& process, std::uint32_t requester, base::NameId name, Reason reason);
  void map_dependencies(Process& process, std::size_t place);

  // Stamped by process, so that a new one need not clear them.
  struct Stamp {
    std::uint32_t process = 0;
    std::uint32_t index = 0;
  };
  std::vector<base::NameId> vdso_;
  std::uint32_t process_number_ = 0;
  std::vector<Stamp> by_name_;  // by NameId
  std::vector<Stamp> by_file_;  // by ObjectId of the file
  // By raw text and the values of the tokens in it.
  std::map<std::tuple<std::string, const std::string*, bool, bool>, SearchList> search_lists_;
};

}  // namespace revdep::loader
