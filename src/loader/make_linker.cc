#include <utility>

#include "loader/glibc.h"
#include "loader/linker.h"
#include "loader/musl.h"

namespace revdep::loader {

std::unique_ptr<Linker> make_linker(Files& files, elf::Abi abi, Platform platform, const Configuration& configuration) {
  if (platform.flavour == Flavour::musl) {
    return std::make_unique<MuslLinker>(files, abi, std::move(platform), configuration);
  }
  return std::make_unique<GlibcLinker>(files, abi, std::move(platform), configuration);
}

}  // namespace revdep::loader
