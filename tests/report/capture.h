// What a writer writes, as a string. A file without a name, so that any size fits.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/fd.h"
#include "pax/marking.h"
#include "report/output.h"

namespace revdep::report {

class Capture {
 public:
  Output& output() { return output_; }

  std::string text() {
    output_.flush();
    std::string all;
    std::array<char, 4096> chunk{};
    ::lseek(file_.get(), 0, SEEK_SET);
    for (ssize_t got = 0; (got = ::read(file_.get(), chunk.data(), chunk.size())) > 0;) {
      all.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  base::Fd file_{::memfd_create("capture", MFD_CLOEXEC)};
  Output output_{file_.get()};
};

inline pax::Marking letters(std::string_view value) { return pax::parse_letters(value).value(); }

}  // namespace revdep::report
