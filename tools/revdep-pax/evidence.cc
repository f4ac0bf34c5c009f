#include "revdep-pax/evidence.h"

#include <array>
#include <string_view>
#include <utility>

#include "config/config_files.h"
#include "config/read_rules.h"

namespace revdep::tool {
namespace {

constexpr std::array<std::string_view, 2> known_directories = {"/usr/share/revdep-pax/known.d",
                                                               "/etc/revdep-pax/known.d"};

void take(std::vector<base::Error> errors, std::vector<base::Error>& problems) {
  for (base::Error& error : errors) problems.push_back(std::move(error));
}

audit::KnownList read_known(base::Tree& tree, std::vector<base::Error>& problems) {
  config::ConfigFiles files = config::read_config_files(tree, known_directories);
  audit::KnownList known;
  for (const config::ConfigFile& file : files.files) take(known.add(file.text, file.name), problems);
  take(std::move(files.errors), problems);
  return known;
}

// The options that a mending command needs to reach the same system and to judge as this one did.
std::vector<std::string> common_options(const Options& options) {
  std::vector<std::string> words;
  if (options.load.root != "/") words.insert(words.end(), {"--root", options.load.root});
  if (options.load.source == engine::Source::filesystem) words.insert(words.end(), {"--source", "filesystem"});
  for (const std::string& tree : options.load.trees) words.insert(words.end(), {"--scan", tree});
  if (!options.load.dlopen) words.emplace_back("--no-dlopen");
  if (!options.markings_text.empty()) words.insert(words.end(), {"--markings", options.markings_text});
  if (!options.load.vdb.empty()) words.insert(words.end(), {"--vdb", options.load.vdb});
  if (!options.state.empty()) words.insert(words.end(), {"--state", options.state});
  if (!options.kernel_text.empty()) words.insert(words.end(), {"--kernel", options.kernel_text});
  return words;
}

}  // namespace

config::Rules read_rules(base::Tree& tree, std::vector<base::Error>& problems) {
  config::ReadRules read = config::read_rules(tree);
  take(std::move(read.errors), problems);
  return std::move(read.rules);
}

base::Result<std::unique_ptr<Evidence>> read_evidence(Session& session) {
  base::Tree& tree = session.system.tree();
  auto journal =
      migrate::Journal::open(engine::state_path(tree, session.options.state), migrate::Journal::Access::read);
  if (!journal) return journal.error();
  auto claims = journal->claims();
  if (!claims) return claims.error();
  auto holds = journal->holds();
  if (!holds) return holds.error();
  auto evidence = std::make_unique<Evidence>(Evidence{std::move(*journal), {}, {}, {}});
  evidence->input.claims = std::move(*claims);
  evidence->input.holds = std::move(*holds);
  evidence->input.journal = &evidence->journal;
  evidence->input.known = read_known(tree, session.problems);
  evidence->kernel = engine::find_kernel(session.options.kernel, tree);
  evidence->input.context.kernel = evidence->kernel.judges;
  evidence->input.context.kernel_known = evidence->kernel.edits.kernel.has_value();
  evidence->edits =
      engine::choose_edit_policy(evidence->kernel.edits, session.options.markings, session.options.force, tree);
  evidence->input.context.creates_xattr = evidence->edits.creates == migrate::Creates::xattr;
  evidence->input.context.options = common_options(session.options);
  return evidence;
}

}  // namespace revdep::tool
