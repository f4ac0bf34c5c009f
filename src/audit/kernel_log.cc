#include "audit/kernel_log.h"

#include <algorithm>

#include "audit/wording.h"
#include "base/escape.h"

namespace revdep::audit {
namespace {

using Kind = LogLine::Kind;

// The kernel's own buffers for such a line are pages of 4 KiB.
constexpr std::size_t longest_line = 8192;
constexpr std::size_t most_counts = 4096;

}  // namespace

void KernelLog::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    pending_ += bytes.substr(0, std::min(end, longest_line - pending_.size()));
    if (end == bytes.size()) return;
    add_line(pending_);
    pending_.clear();
    bytes.remove_prefix(end + 1);
  }
}

void KernelLog::add_line(std::string_view text) {
  ++line_;
  LogLine line = parse_log_line(text);
  switch (line.kind) {
    case Kind::other:
      return;
    case Kind::broken:
      if (broken_++ == 0) first_broken_ = line_;
      return;
    case Kind::mmap:
      return count(Denial::mapping, line, line.what);
    case Kind::mprotect:
      return count(Denial::protection, line, line.what);
    case Kind::stack_marking:
      return count(Denial::stack_asked, line, line.what);
    case Kind::attempt:
      attempt_ = std::move(line);
      return;
    case Kind::killed:
      count(denial_of(line), line, attempt_.what);
      attempt_ = {};
      return;
  }
}

// Lines of several processors can be mixed: an attempt belongs to the kill if the program counter lies in it. The
// kernel calls the stack so only where it is the first thread's and grows; that of any thread is where the stack
// pointer points.
KernelLog::Denial KernelLog::denial_of(const LogLine& killed) const {
  if (attempt_.kind != Kind::attempt) return Denial::unknown_run;
  if (attempt_.what == "<NULL>") return Denial::stray_jump;
  const auto holds = [&](std::uint64_t address) { return attempt_.start <= address && address < attempt_.end; };
  if (killed.pc && !holds(*killed.pc)) return Denial::unknown_run;
  return attempt_.what == "<stack>" || (killed.sp && holds(*killed.sp)) ? Denial::stack_run : Denial::data_run;
}

void KernelLog::count(Denial denial, const LogLine& line, std::string what) {
  std::pair key(line.executable, denial);
  auto found = counts_.find(key);
  if (found == counts_.end()) {
    if (counts_.size() == most_counts) {
      left_out_ = true;
      return;
    }
    found = counts_.emplace(std::move(key), Count{}).first;
    found->second.what = std::move(what);
  } else if (found->second.what != what) {
    found->second.others = true;
  }
  ++found->second.times;
  found->second.last_pid = line.pid;
}

// A marking without `e` would switch EMUTRAMP on besides: so `em`, where only MPROTECT has to be off.
Finding KernelLog::finding_of(const std::string& executable, Denial denial, const Count& count) {
  const std::string what = base::escape(count.what) + (count.others ? " and others" : "");
  std::string deed;
  std::string cause;
  std::string remedy;
  switch (denial) {
    case Denial::mapping:
      deed = "was not allowed to map " + what + " as writable and executable";
      cause = "writable and executable memory was denied";
      remedy = "em would allow it";
      break;
    case Denial::protection:
      deed = "was not allowed to make " + what + " writable and executable";
      cause = "writable and executable memory was denied";
      remedy = "em would allow it";
      break;
    case Denial::stack_asked:
      deed = "was not allowed the executable stack that " + what + " asks for";
      cause = "an executable stack was denied";
      remedy = "em would allow it";
      break;
    case Denial::stack_run:
      deed = "was killed, as it executed its stack";
      cause = "the stack was executed";
      remedy =
          "E would allow it to the trampolines of nested functions and libffi, em to code that made its stack "
          "executable";
      break;
    case Denial::data_run:
      deed = "was killed, as it executed " + what + ", which was not mapped as executable";
      cause = "memory that is not executable was executed";
      remedy = "em would allow it to generated code, E to the trampolines of libffi";
      break;
    case Denial::stray_jump:
      deed = "was killed, as it jumped to where nothing is mapped";
      cause = "a jump went astray";
      remedy = "no marking allows that";
      break;
    case Denial::unknown_run:
      deed = "was killed, as it executed memory that is not executable; the log does not tell which";
      cause = "memory that is not executable was executed";
      remedy = "em would allow it to generated code, E to the trampolines of nested functions and libffi";
      break;
  }
  Finding finding;
  finding.rule = Rule::denied;
  finding.severity = info(finding.rule).severity;
  finding.object = executable;
  const std::string pid = "pid " + std::to_string(count.last_pid);
  finding.message = deed + " (" +
                    (count.times == 1 ? "once, " + pid : std::to_string(count.times) + " times, last " + pid) +
                    "): " + remedy;
  finding.cause = cause + ": " + remedy;
  return finding;
}

KernelLog::Denials KernelLog::finish() {
  if (!pending_.empty()) add_line(pending_);
  pending_.clear();
  Denials denials;
  for (const auto& [key, count] : counts_) denials.findings.push_back(finding_of(key.first, key.second, count));
  if (broken_ != 0) {
    const std::string lines =
        broken_ == 1 ? "a line of PaX or grsecurity is malformed or names no program: line "
                     : std::to_string(broken_) +
                           " lines of PaX or grsecurity are malformed or name no program, the first is line ";
    denials.errors.push_back({"understand all of", name_, lines + std::to_string(first_broken_)});
  }
  if (left_out_) {
    denials.errors.push_back(
        {"count all of", name_, "it has more than " + std::to_string(most_counts) + " kinds of denials and programs"});
  }
  return denials;
}

}  // namespace revdep::audit
