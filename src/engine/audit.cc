#include "engine/audit.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "audit/rules.h"
#include "elf/marking_reader.h"
#include "engine/chain.h"
#include "engine/holds.h"
#include "engine/provenance.h"
#include "engine/requirements.h"
#include "migrate/claims.h"

namespace revdep::engine {
namespace {

using audit::Subject;
using base::ObjectId;
using pax::Relaxations;

class Gatherer {
 public:
  Gatherer(System& system, const AuditInput& input)
      : system_(system),
        input_(input),
        claims_(system, input.claims),
        askers_(system, claims_),
        holds_(system.tree(), input.holds),
        provenance_(system, *input.journal) {
    askers_.survey();
    loaded_.resize(system.graph().size());
    for (const ObjectId id : system.graph().objects()) {
      if (!system.graph().direct_consumers(id).empty()) loaded_[id.index()] = true;
      for (const graph::Plugin& plugin : system.graph().plugins(id)) loaded_[plugin.object.index()] = true;
    }
    for (const base::Error& problem : system.problems()) problems_.emplace(problem.object, problem.reason);
    note_names();
  }

  AuditCounts run(const std::function<void(ObjectId, const Subject&)>& use) {
    AuditCounts counts;
    std::vector<std::pair<ObjectId, Subject>> counted;  // those whose consumers a rule tells the number of
    for (const ObjectId id : system_.graph().objects()) {
      if (system_.marking(id).reading == Reading::gone) continue;
      if (system_.ruling(id).ignored) continue;
      Subject subject = gather(id);
      ++counts.objects;
      if (subject.executable) ++counts.executables;
      const bool is_told =
          subject.library && (!subject.untrusted.empty() || !audit::suggest(input_.context, subject).flags.empty());
      if (is_told) {
        counted.emplace_back(id, std::move(subject));
      } else {
        use(id, subject);
      }
    }
    count_consumers(counted);
    for (const auto& [id, subject] : counted) use(id, subject);
    return counts;
  }

 private:
  Subject gather(ObjectId id) {
    const graph::Graph& graph = system_.graph();
    const loader::Image& image = system_.image(id);
    Subject subject;
    subject.path = graph.path(id);
    const base::PackageId package = graph.object(id).package;
    if (package.valid()) subject.package = vdb::to_string(system_.packages()[package.index()]);
    const ObjectMarking& marking = system_.marking(id);
    if (marking.reading != Reading::read) {
      const auto problem = problems_.find(system_.tree().prefix() + subject.path);
      subject.unreadable = problem != problems_.end() ? problem->second : "it cannot be read";
      subject.lacks_privilege = ::geteuid() != 0 && subject.unreadable == std::strerror(EACCES);
      return subject;
    }
    subject.abi = image.abi;
    subject.executable = is_executable(image);
    subject.library = !subject.executable || loaded_[id.index()];
    subject.privileged = image.secure;
    subject.stores = marking.stores;
    subject.hazards = system_.hazards(id);
    const std::string_view soname = image.soname.valid() ? graph.names().view(image.soname) : std::string_view();
    subject.known = input_.known.find(soname, subject.path);
    if (loaded_[id.index()]) subject.untrusted = askers_.distrust(id);
    subject.held = holds_.of(subject.path);
    if (subject.executable) gather_requirement(id, subject);
    subject.unresolved = find_unresolved(id);
    subject.disagreements = system_.disagreements(id);
    const bool bare = !subject.stores.header && !subject.stores.xattr;
    if (bare && (!subject.askers.empty() || !audit::suggest(input_.context, subject).flags.empty())) {
      subject.holds_xattrs = elf::holds_xattrs(system_.tree(), subject.path);
    }
    return subject;
  }

  void gather_requirement(ObjectId id, Subject& subject) {
    subject.verdict = pax::judge(subject.stores, input_.context.kernel);
    const config::Mark* const mark = system_.ruling(id).mark;
    // A rule beats what is asked.
    if (mark == nullptr) subject.asked = askers_.asked_of(id);
    const migrate::Claim* const claim = claims_.find(subject.path);
    subject.filler_e = claim != nullptr && migrate::is_filler(*claim);
    if (claim != nullptr) {
      const Relaxations wanted = without(subject.asked, subject.held);
      if (const auto withdrawal = migrate::plan_withdrawal(subject.stores, *claim, wanted)) {
        for (const pax::Letter letter : withdrawal->letters) subject.stale.ask(letter);
      }
    }
    const auto own = pax::own_marking(subject.stores);
    if (own) {
      const Relaxations carried = pax::asked_by(*own);
      if (!without(carried, subject.asked).empty()) subject.explained = provenance_.explain(id, claim);
      if (mark != nullptr) subject.explained.add(pax::asked_by(mark->letters));
    }
    const bool is_granted =
        subject.verdict.refused || pax::relax(subject.verdict.configured, subject.asked) == subject.verdict.configured;
    if (!is_granted) subject.askers = find_askers(id);
  }

  std::vector<audit::Asker> find_askers(ObjectId executable) {
    const graph::Closure closure = system_.closure(executable);
    const graph::Graph& graph = system_.graph();
    std::vector<audit::Asker> askers;
    for (const auto& [library, asked] : askers_.find(executable, closure)) {
      audit::Asker& asker = askers.emplace_back();
      asker.path = graph.path(library);
      const base::PackageId package = graph.object(library).package;
      if (package.valid()) asker.package = vdb::to_string(system_.packages()[package.index()]);
      asker.asked = asked;
      asker.chain = chain_to(graph, closure, library);
    }
    std::ranges::sort(askers, {}, &audit::Asker::path);
    return askers;
  }

  // Which sonames somebody has, by ABI: a library's needs may be met by who loads it.
  void note_names() {
    const graph::Graph& graph = system_.graph();
    for (const ObjectId id : graph.objects()) {
      const loader::Image& image = system_.image(id);
      const std::string_view base_name = base::split_path(graph.path(id)).second;
      provided_[image.abi].insert(image.soname.valid() ? graph.names().view(image.soname) : base_name);
    }
  }

  std::vector<std::string> find_unresolved(ObjectId id) {
    const graph::Graph& graph = system_.graph();
    const auto providers = graph.providers(id);
    std::vector<std::string> names;
    if (std::ranges::all_of(providers, &ObjectId::valid)) return names;
    const loader::Image& image = system_.image(id);
    const auto& provided = provided_[image.abi];
    for (const graph::Unresolved& unresolved : system_.link_closure(id).unresolved) {
      if (unresolved.requester != id) continue;
      const std::string_view name = system_.graph().names().view(unresolved.name);
      if (system_.image(id).interpreter.valid() || !provided.contains(name)) names.emplace_back(name);
    }
    return names;
  }

  // Eight libraries at a time: one bit each.
  void count_consumers(std::vector<std::pair<ObjectId, Subject>>& libraries) {
    constexpr std::size_t batch = 8;
    const graph::Graph& graph = system_.graph();
    const std::vector<bool> plain = graph.find_plain();
    std::vector<ObjectId> plain_executables;
    std::vector<ObjectId> others;
    if (!libraries.empty()) {
      for (const ObjectId id : graph.objects()) {
        if (is_executable(system_.image(id))) (plain[id.index()] ? plain_executables : others).push_back(id);
      }
    }
    const auto count = [this](Subject& library, ObjectId executable) {
      ++library.executables;
      if (system_.image(executable).secure) ++library.privileged_executables;
    };
    for (std::size_t first = 0; first < libraries.size(); first += batch) {
      const std::size_t end = std::min(first + batch, libraries.size());
      std::vector<std::uint8_t> own(graph.size());
      for (std::size_t index = first; index < end; ++index) {
        own[libraries[index].first.index()] = static_cast<std::uint8_t>(1U << (index - first));
      }
      const std::vector<std::uint8_t> reached = graph.gather(own);
      for (const ObjectId executable : plain_executables) {
        for (std::size_t index = first; index < end; ++index) {
          const bool loads_it = (unsigned{reached[executable.index()]} >> (index - first) & 1U) != 0;
          if (loads_it && executable != libraries[index].first) count(libraries[index].second, executable);
        }
      }
    }
    std::unordered_map<ObjectId, Subject*> by_id;
    for (auto& [id, subject] : libraries) by_id.emplace(id, &subject);
    for (const ObjectId executable : others) {
      for (const loader::Mapped& mapped : system_.closure(executable).objects) {
        if (const auto found = by_id.find(mapped.object); found != by_id.end()) count(*found->second, executable);
      }
    }
  }

  System& system_;
  const AuditInput& input_;
  Claims claims_;
  Askers askers_;
  Holds holds_;
  Provenance provenance_;
  std::vector<bool> loaded_;                               // by ObjectId: whether anything needs or opens it
  std::unordered_map<std::string, std::string> problems_;  // reasons, by the object's shown path
  std::map<elf::Abi, std::unordered_set<std::string_view>> provided_;
};

}  // namespace

AuditCounts for_each_subject(System& system, const AuditInput& input,
                             const std::function<void(ObjectId, const Subject&)>& use) {
  return Gatherer(system, input).run(use);
}

AuditResult run_audit(System& system, const AuditInput& input) {
  AuditResult result;
  std::unordered_set<std::string> told;
  result.counts = for_each_subject(system, input, [&](ObjectId, const Subject& subject) {
    audit::check(input.context, subject, result.findings);
    if (!subject.unreadable.empty()) told.insert(system.tree().prefix() + subject.path);
  });
  audit::sort(result.findings);
  result.problems = system.problems();
  std::erase_if(result.problems, [&](const base::Error& problem) { return told.contains(problem.object); });
  return result;
}

}  // namespace revdep::engine
