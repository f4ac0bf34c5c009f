#include "report/json_blocks.h"

#include "report/json_values.h"
#include "report/names.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;

void put_relation(Json& object, Relation relation) {
  object["differs"] = relation != Relation::same;
  object["mismatch"] = relation == Relation::mismatch;
}

Json forward_block(const Block& block) {
  Json object;
  put_name(object, "path", block.object->path());
  object["abi"] = json_text(block.object->abi());
  object["marking"] = json_marking(block.object->marking());
  Json libraries = Json::array();
  Json unresolved = Json::array();
  for (const Line& line : block.lines) {
    Json entry;
    put_name(entry, "soname", line.soname);
    if (line.object == nullptr) {
      put_name(entry, "requester", line.requester);
      unresolved.push_back(std::move(entry));
      continue;
    }
    put_name(entry, "path", line.object->path());
    entry["marking"] = json_marking(line.object->marking());
    put_relation(entry, line.relation);
    libraries.push_back(std::move(entry));
  }
  object["libraries"] = std::move(libraries);
  object["unresolved"] = std::move(unresolved);
  return object;
}

Json reverse_block(const Block& block) {
  Json library;
  put_name(library, "soname", block.object == nullptr ? block.soname : block.object->name());
  if (block.object == nullptr) {
    library["path"] = nullptr;
  } else {
    put_name(library, "path", block.object->path());
  }
  library["abi"] = json_text(block.object == nullptr ? block.abi : block.object->abi());
  library["marking"] = block.object == nullptr ? Json(nullptr) : json_marking(block.object->marking());
  Json consumers = Json::array();
  for (const Line& line : block.lines) {
    Json entry;
    put_name(entry, "path", line.object->path());
    entry["marking"] = json_marking(line.object->marking());
    put_relation(entry, line.relation);
    consumers.push_back(std::move(entry));
  }
  library["consumers"] = std::move(consumers);
  return library;
}

}  // namespace

JsonBlocks::JsonBlocks(Output& output, Direction direction) : output_(output), direction_(direction) {
  const bool forward = direction == Direction::forward;
  output_ << R"({"schema":1,"kind":")" << (forward ? "forward" : "reverse") << R"(",")"
          << (forward ? "objects" : "libraries") << "\":[";
}

void JsonBlocks::write(const Block& block) {
  output_ << (first_ ? "\n" : ",\n");
  first_ = false;
  output_ << (direction_ == Direction::forward ? forward_block(block) : reverse_block(block)).dump();
}

void JsonBlocks::finish() { output_ << "\n]}\n"; }

}  // namespace revdep::report
