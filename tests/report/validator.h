// Checks a JSON text against one of the schemas in tests/data/schemas, by python3's jsonschema.
#pragma once

#include <string>

#include "report/audit_sample.h"
#include "support/command.h"

namespace revdep::report {

inline std::string schemas() { return REVDEP_TEST_DATA "/schemas"; }

/// A python3 that has jsonschema; "": there is none. The system's may have it when the first one in PATH has not.
inline const std::string& validator() {
  static const std::string found = [] {
    for (const char* const python : {"python3", "/usr/bin/python3"}) {
      if (support::run({python, "-c", "import jsonschema"}).status == 0) return std::string(python);
    }
    return std::string();
  }();
  return found;
}

inline support::Outcome validate(const std::string& schema, const std::string& text) {
  return read_by({validator(), VALIDATE_JSON, schemas() + '/' + schema}, text);
}

}  // namespace revdep::report
