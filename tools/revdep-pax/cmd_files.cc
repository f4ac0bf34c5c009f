// --verdict, --set, --clear, --sync on named files: no graph, only the files.
#include <algorithm>
#include <cstring>
#include <filesystem>

#include "elf/marking_reader.h"
#include "migrate/letters.h"
#include "pax/verdict.h"
#include "report/names.h"
#include "report/verdicts.h"
#include "revdep-pax/commands.h"
#include "revdep-pax/policy.h"

namespace revdep::tool {
namespace {

using base::Error;
using base::Result;
using pax::Marking;
using report::Outcome;

struct File {
  std::string path;  // canonical, below the root
  elf::MarkedObject object;
};

// A relative path counts from the current directory when the root is /, else from the root.
Result<File> read_file(base::Tree& tree, const std::string& given) {
  std::string path = given;
  if (!path.starts_with('/') && tree.prefix().empty()) path = (std::filesystem::current_path() / path).string();
  const base::Tree::Resolved resolved = tree.resolve(path);
  if (resolved.kind == base::FileKind::missing) {
    return Error{"read", tree.prefix() + given, std::strerror(resolved.error)};
  }
  auto object = elf::read_marked_object(tree, resolved.path);
  if (!object) return object.error();
  return File{resolved.path, std::move(*object)};
}

// The letters that the command gives to a file; nullopt: it has none of its own to bring into step.
std::optional<Marking> letters_for(const Options& options, const pax::Stores& stores) {
  if (options.mode == Mode::set) return options.letters;
  if (options.mode == Mode::sync) return pax::own_marking(stores);
  // A header cannot be taken away: `e` alone gives what no marking gives.
  Marking nothing;
  if (stores.header) nothing.set(pax::Letter::E, pax::Setting::off);
  return nothing;
}

bool is_claimed(Editor& editor, const std::string& path) {
  const auto claims = editor.journal().claims();
  return claims && std::ranges::any_of(*claims, [&](const auto& claim) { return claim.file.path == path; });
}

void edit_file(Editor& editor, const Options& options, const engine::EditPolicy& policy, const File& file) {
  const pax::Stores& before = file.object.stores;
  const std::optional<Marking> letters = letters_for(options, before);
  if (!letters) {
    editor.note(file.path, before, Outcome::right);
    return;
  }
  pax::Stores after =
      migrate::in_step(before, *letters, options.mode == Mode::clear ? migrate::Creates::nothing : policy.creates);
  if (options.mode == Mode::clear) after.xattr.reset();
  Editor::Wish wish;
  wish.change.edit = {{file.path}, file.object.status.st_dev, file.object.status.st_ino, before, after};
  if (options.mode != Mode::sync) {
    for (const pax::Letter letter : pax::letters) wish.change.reasons.push_back({letter, {}});
  }
  if (after == before && options.mode != Mode::sync && !options.pretend && is_claimed(editor, file.path)) {
    // Nothing to write, but from now on it is the admin's word.
    wish.when_done = Outcome::right;
    wish.ask = Editor::Ask::no;
    editor.edit(wish);
    return;
  }
  if (after == before) {
    const bool carried = options.mode != Mode::set || before.xattr || before.header;
    editor.note(file.path, before, carried ? Outcome::right : Outcome::refused,
                carried ? "" : "it has no store that may carry flags");
    return;
  }
  for (const pax::Kernel& kernel : migrate::kernels_for(policy.kernel, file.object.head.abi)) {
    const pax::Verdict verdict = pax::judge(after, kernel);
    if (!verdict.refused) continue;
    editor.note(file.path, before, Outcome::refused, "a kernel would refuse to run it: " + verdict.reason);
    return;
  }
  editor.edit(wish);
}

}  // namespace

Result<Exit> report_verdicts(FileSession& session) {
  std::vector<report::FileVerdict> verdicts;
  const pax::Kernel kernel = engine::find_kernel(session.options.kernel, session.tree).judges;
  for (const std::string& given : session.options.files) {
    auto file = read_file(session.tree, given);
    if (!file) {
      session.problems.push_back(file.error());
      continue;
    }
    verdicts.push_back({file->path, file->object.stores, pax::judge(file->object.stores, kernel)});
  }
  if (session.options.format == Format::json) {
    report::write_verdicts_json(session.output, verdicts);
  } else {
    report::write_verdicts_text(session.output, verdicts);
  }
  const bool refused = std::ranges::any_of(verdicts, [](const auto& file) { return file.verdict.refused; });
  return refused ? Exit::findings : Exit::clean;
}

Result<Exit> edit_files(FileSession& session) {
  Editor editor(session.options, session.tree, session.output, session.problems);
  if (auto error = editor.begin()) return *std::move(error);
  const engine::EditPolicy policy = edit_policy(session.options, session.tree);
  for (const std::string& given : session.options.files) {
    auto file = read_file(session.tree, given);
    if (file) {
      edit_file(editor, session.options, policy, *file);
    } else {
      editor.note(given, {}, Outcome::failed, file.error().reason);
    }
  }
  return editor.finish();
}

Result<Exit> sync_all(Session& session) {
  Editor editor(session.options, session.system.tree(), session.output, session.problems);
  if (auto error = editor.begin()) return *std::move(error);
  editor.forget_settled(session.system);
  const engine::EditPolicy policy = edit_policy(session.options, session.system.tree());
  Options options = session.options;
  options.mode = Mode::sync;
  for (const base::ObjectId id : session.view.objects()) {
    const std::string path(session.system.graph().path(id));
    if (session.view.gone(id) || !is_target(options, path)) continue;
    const engine::ObjectMarking& marking = session.system.marking(id);
    if (marking.reading != engine::Reading::read || !pax::own_marking(marking.stores)) continue;
    if (auto file = read_file(session.system.tree(), path)) edit_file(editor, options, policy, *file);
  }
  return editor.finish();
}

}  // namespace revdep::tool
