// Loads and inverts a linkage graph of N made-up objects, from NEEDED.ELF.2 text, without a filesystem behind it, audits
// them, one library in a hundred asking for `m`, and prints what either costs an object.
//
// Usage: synthetic N. Packages have ten objects, four of them libraries; an object needs six libraries: three of those
// that everybody needs, two of its own or a neighbouring package, one from anywhere.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "audit/rules.h"
#include "base/tree.h"
#include "graph/graph.h"
#include "vdb/needed.h"

namespace {

using namespace revdep;

constexpr elf::Abi abi{62, elf::Class::elf64, elf::ByteOrder::little};

class Memory final : public loader::Files, public graph::Linkers {
 public:
  Memory() {
    loader::Platform platform;
    platform.system_directories = {libraries};
    linker_ = loader::make_linker(*this, abi, std::move(platform), configuration_);
  }
  // What a file system would do is not measured: a library is found by the number in its name.
  loader::Opened open(std::string_view, std::string_view name, elf::Abi) override {
    const std::size_t digits = std::min(name.find_first_of("0123456789"), name.size());
    std::size_t number = objects.size();
    std::from_chars(name.data() + digits, name.data() + name.size(), number);
    if (number >= objects.size()) return {};
    return {loader::Opening::object, objects[number], objects[number]};
  }
  const std::string* directory(std::string_view path) override { return path == libraries ? &libraries : nullptr; }
  [[nodiscard]] const loader::Image& image(base::ObjectId id) const override { return graph.object(id).image; }
  [[nodiscard]] std::string_view path(base::ObjectId id) const override { return graph.path(id); }
  base::Interner<base::NameId>& names() override { return graph.names(); }
  loader::Linker& usual(elf::Abi) override { return *linker_; }
  loader::Linker& of(const loader::Image&) override { return *linker_; }
  [[nodiscard]] bool preloads() const override { return false; }

  graph::Graph graph;
  std::vector<base::ObjectId> objects;  // by number

 private:
  std::string libraries = "/usr/lib64";
  loader::Configuration configuration_;
  std::unique_ptr<loader::Linker> linker_;
};

// User and system time of this process: other loads on the machine do not count.
double processor_seconds() {
  struct timespec now {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string package_text(std::mt19937& random, unsigned first, unsigned count) {
  std::string text;
  for (unsigned index = first; index < first + count; ++index) {
    const bool is_library = index % 10 < 4;
    const std::string name = is_library ? "libmade" + std::to_string(index) + ".so.1" : "made" + std::to_string(index);
    text += "X86_64;" + std::string(is_library ? "/usr/lib64/" : "/usr/bin/") + name + ';';
    text += (is_library ? name : "") + ";;";
    for (unsigned entry = 0; entry < 6 && index > 0; ++entry) {
      // Libraries need only older ones, as in a real system nearly all do.
      const unsigned from = entry == 3 || entry == 4 ? index - std::min(index, 50U) : 0;
      const unsigned to = entry < 3 ? std::min(index, 100U) : index;
      const unsigned other = std::uniform_int_distribution<unsigned>(from, to - 1)(random) / 10 * 10 + entry % 4;
      if (other < index) text += (entry == 0 ? "libmade" : ",libmade") + std::to_string(other) + ".so.1";
    }
    text += ";x86_64\n";
  }
  return text;
}

// What the audit does with a system where all was carried, but for reading files. Gives the number of findings.
std::size_t audit_all(const graph::Graph& graph) {
  const std::vector<base::ObjectId> objects = graph.objects();
  std::vector<std::uint8_t> own(graph.size());
  for (const base::ObjectId id : objects) {
    const bool asks = graph.object(id).image.soname.valid() && id.index() % 100 == 0;
    own[id.index()] = asks ? 1 : 0;
  }
  const std::vector<bool> plain = graph.find_plain();
  const std::vector<std::uint8_t> reached = graph.gather(own);
  const audit::Context context;
  std::vector<audit::Finding> findings;
  for (const base::ObjectId id : objects) {
    audit::Subject subject;
    subject.path = graph.path(id);
    subject.abi = abi;
    subject.executable = !graph.object(id).image.soname.valid();
    subject.library = !subject.executable;
    if (subject.executable && plain[id.index()] && reached[id.index()] != 0) {
      subject.asked.ask(pax::Letter::M);
      subject.stores.xattr = "em";
    }
    subject.verdict = pax::judge(subject.stores, context.kernel);
    audit::check(context, subject, findings);
  }
  return findings.size();
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = static_cast<unsigned>(argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0);
  if (count == 0) {
    std::fputs("usage: synthetic N\n", stderr);
    return 2;
  }
  std::mt19937 random(1);
  Memory system;
  double seconds = 0;
  const auto timed = [&](auto&& work) {
    const double start = processor_seconds();
    work();
    seconds += processor_seconds() - start;
  };
  std::vector<std::string_view> names;
  std::vector<std::string_view> paths;
  timed([&] { system.graph.reserve(count); });
  for (unsigned first = 0; first < count; first += 10) {
    const std::string text = package_text(random, first, std::min(10U, count - first));
    timed([&] {
      const vdb::NeededFile file = vdb::parse_needed_elf2(text);
      names.clear();
      paths.clear();
      for (const vdb::NeededLine& line : file.lines) {
        paths.push_back(line.path);
        if (!line.soname.empty()) names.push_back(line.soname);
        vdb::for_each_needed(line.needed, [&](std::string_view name) { names.push_back(name); });
      }
      system.names().expect(names);
      system.graph.expect(paths);
      for (const vdb::NeededLine& line : file.lines) {
        graph::Object object;
        object.package = base::PackageId{first / 10};
        object.image.abi = abi;
        if (!line.soname.empty()) object.image.soname = system.names().intern(line.soname);
        std::vector<base::NameId>& needed = object.image.needed;
        needed.reserve(static_cast<std::size_t>(std::ranges::count(line.needed, ',')) + 1);
        vdb::for_each_needed(line.needed,
                             [&](std::string_view name) { needed.push_back(system.names().intern(name)); });
        system.objects.push_back(system.graph.put(line.path, std::move(object)));
      }
    });
  }
  timed([&] { system.graph.resolve(system); });
  const double loading = std::exchange(seconds, 0);
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  std::size_t findings = 0;
  timed([&] { findings = audit_all(system.graph); });
  const double auditing = seconds;
  std::size_t edges = 0;
  std::size_t contextual = 0;
  for (const base::ObjectId id : system.graph.objects()) {
    edges += system.graph.direct_consumers(id).size();
    contextual += system.graph.contextual(id) ? 1U : 0U;
  }
  std::printf(
      "%8u objects %9zu edges %zu contextual  %7.0f ns/object  %6.0f bytes/object  %7.1f MiB peak  "
      "audit %7.0f ns/object, %zu findings\n",
      count, edges, contextual, loading * 1e9 / count, static_cast<double>(usage.ru_maxrss) * 1024 / count,
      static_cast<double>(usage.ru_maxrss) / 1024, auditing * 1e9 / count, findings);
  return 0;
}
