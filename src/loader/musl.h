// musl's dynamic loader: ldso/dynlink.c's load_library and load_deps, as of 1.2.3.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "loader/linker.h"

namespace revdep::loader {

class MuslLinker final : public Linker {
 public:
  MuslLinker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration);

  Found find_static(base::ObjectId requester, base::NameId name) override;
  [[nodiscard]] bool depends_on_context(const Image& image) const override;
  Mapping simulate(base::ObjectId program) override;
  void forget() override;

 private:
  /// A struct dso. Index 0 is the program.
  struct Loaded {
    base::ObjectId object;
    base::ObjectId file;
    std::uint32_t needed_by = 0;
    const std::string* origin = nullptr;
    base::NameId short_name;  ///< set when it was found by a search
    base::NameId opened_as;   ///< the last part of the path by which it was opened first
    bool restricted = false;
  };

  Found search_default(std::string_view name) override;
  static std::vector<std::string> search_path(std::string_view raw, const Loaded& loaded);
  SearchList& search_list(const Loaded& loaded);
  Found search(const std::deque<Loaded>& loaded, std::uint32_t requester, base::NameId name);

  // By raw text, and what $ORIGIN stands for, if for anything.
  std::map<std::tuple<std::string, const std::string*, bool>, SearchList> search_lists_;
};

}  // namespace revdep::loader
