// revdep-pax: who loads what, and with which PaX marking.
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "revdep-pax/options.h"
#include "revdep-pax/run.h"

int main(int argc, char** argv) {
  constexpr int usage_error = 2;
  try {
    // A reader that goes away is an error of write(), not the end of a run that may be marking files.
    std::signal(SIGPIPE, SIG_IGN);
    const revdep::tool::Parsed parsed = revdep::tool::parse_options(std::vector<std::string>(argv + 1, argv + argc));
    if (parsed.complaint.empty()) return revdep::tool::run(parsed.options);
    std::cerr << "revdep-pax: " << parsed.complaint << '\n' << revdep::tool::usage_text();
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::broken_pipe) std::cerr << "revdep-pax: " << error.what() << '\n';
  } catch (const std::exception& error) {
    std::cerr << "revdep-pax: " << error.what() << '\n';
  }
  return usage_error;
}
