#include "report/tree.h"

#include "report/names.h"

namespace revdep::report {
namespace {

using Json = nlohmann::ordered_json;
using loader::How;

// The machine's word for a reason.
std::string_view keyword(How how) {
  switch (how) {
    case How::not_found:
      return "not_found";
    case How::failed:
      return "failed";
    case How::loaded:
      return "loaded";
    case How::path:
      return "path";
    case How::rpath:
      return "rpath";
    case How::runpath:
      return "runpath";
    case How::cache:
      return "cache";
    case How::directory:
      return "directory";
    case How::interpreter:
      return "interpreter";
    case How::preload:
      return "preload";
    case How::virtual_object:
      return "kernel";
    case How::dlopened:
      return "dlopen";
  }
  return "";
}

Json tree_entry(const TreeEntry& entry) {
  Json node;
  put_name(node, "soname", entry.soname);
  if (entry.path.empty()) {
    node["path"] = nullptr;
  } else {
    put_name(node, "path", entry.path);
  }
  node["how"] = keyword(entry.how);
  if (!entry.owner.empty()) put_name(node, "owner", entry.owner);
  node["libraries"] = Json::array();
  return node;
}

}  // namespace

std::string reason(How how, std::string_view owner) {
  switch (how) {
    case How::not_found:
      return "not found";
    case How::failed:
      return "the loader gives up here";
    case How::loaded:
      return "already loaded";
    case How::path:
      return "path";
    case How::rpath:
      return "rpath of " + escape(owner);
    case How::runpath:
      return "runpath of " + escape(owner);
    case How::cache:
      return "ld.so.cache";
    case How::directory:
      return "default directory";
    case How::interpreter:
      return "interpreter";
    case How::preload:
      return "ld.so.preload";
    case How::virtual_object:
      return "the kernel's";
    case How::dlopened:
      return "dlopen";
  }
  return "";
}

void write_tree_text(Output& output, const Tree& tree) {
  output << escape(tree.path) << " :" << tree.abi << '\n';
  for (const TreeEntry& entry : tree.entries) {
    output << std::string(2 * entry.depth, ' ') << escape(entry.soname) << " => ";
    if (entry.how == How::not_found) {
      output << "not found\n";
      continue;
    }
    if (!entry.path.empty()) output << escape(entry.path) << ' ';
    output << '(' << reason(entry.how, entry.owner) << ")\n";
  }
}

void write_tree_json(Output& output, const Tree& tree) {
  Json document{{"schema", 1}, {"kind", "tree"}};
  put_name(document, "path", tree.path);
  document["abi"] = json_text(tree.abi);
  // Written from the leaves up: a parent takes its children when the next entry is not below it.
  std::vector<Json> open;  // open[d]: the libraries met so far at depth d + 1
  open.emplace_back(Json::array());
  const auto close = [&open] {
    Json children = std::move(open.back());
    open.pop_back();
    open.back().back()["libraries"] = std::move(children);
  };
  for (const TreeEntry& entry : tree.entries) {
    while (open.size() > entry.depth) close();
    while (open.size() < entry.depth) open.emplace_back(Json::array());
    open.back().push_back(tree_entry(entry));
  }
  while (open.size() > 1) close();
  document["libraries"] = std::move(open.front());
  output << document.dump(2) << '\n';
}

void write_chain_text(Output& output, const std::vector<ChainLink>& chain) {
  for (const ChainLink& link : chain) {
    if (!link.soname.empty()) output << escape(link.soname) << '\t';
    output << escape(link.path) << '\n';
  }
}

void write_chain_json(Output& output, const std::vector<ChainLink>& chain) {
  Json document{{"schema", 1}, {"kind", "chain"}};
  Json links = Json::array();
  for (const ChainLink& link : chain) {
    Json entry;
    if (link.soname.empty()) {
      entry["soname"] = nullptr;
    } else {
      put_name(entry, "soname", link.soname);
    }
    put_name(entry, "path", link.path);
    links.push_back(std::move(entry));
  }
  document["chain"] = std::move(links);
  output << document.dump(2) << '\n';
}

}  // namespace revdep::report
