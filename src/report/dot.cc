#include "report/dot.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "report/names.h"

namespace revdep::report {
namespace {

// The inside of a string of DOT. Graphviz decodes it twice: \" and backslash pairs, then in labels backslash escapes
// and HTML's character references.
std::string escape_dot(std::string_view bytes) {
  std::string text;
  for (const char character : is_utf8(bytes) ? escape(bytes) : json_text(bytes)) {
    if (character == '&') {
      text += "&amp;";
    } else {
      if (character == '"' || character == '\\') text += '\\';
      text += character;
    }
  }
  return text;
}

std::string name_of(std::size_t index) { return 'n' + std::to_string(index); }

void write_node(Output& output, const std::string& name, const NeighbourhoodNode& node, bool centre) {
  output << "  " << name << " [label=\"" << escape_dot(node.label);
  if (!node.marking.empty()) output << "\\n" << escape_dot(node.marking);
  output << "\" tooltip=" << quote_dot(node.path) << " shape=" << (node.is_executable ? "box" : "ellipse");
  if (centre) output << R"( style="filled,bold" fillcolor="#ffe9a8" fontname="Helvetica-Bold")";
  output << "]\n";
}

}  // namespace

std::string quote_dot(std::string_view bytes) { return '"' + escape_dot(bytes) + '"'; }

void write_neighbourhood_dot(Output& output, const Neighbourhood& neighbourhood) {
  std::map<std::string_view, const NeighbourhoodNode*> nodes;
  for (const NeighbourhoodNode& node : neighbourhood.nodes) nodes.emplace(node.path, &node);
  (void)nodes.at(neighbourhood.centre);
  std::map<std::string_view, std::string> names;
  output << "digraph neighbourhood {\n"
            "  graph [rankdir=LR nodesep=0.15 ranksep=1.2]\n"
            "  node [fontname=\"Helvetica\" fontsize=11 height=0.3 margin=\"0.1,0.04\"]\n"
            "  edge [fontname=\"Helvetica\" fontsize=9 color=\"#606060\" arrowsize=0.6]\n";
  for (const auto& [path, node] : nodes) {
    const std::string& name = names.emplace(path, name_of(names.size())).first->second;
    write_node(output, name, *node, path == neighbourhood.centre);
  }
  std::vector<std::tuple<std::string_view, std::string_view, bool>> edges;
  for (const NeighbourhoodEdge& edge : neighbourhood.edges) edges.emplace_back(edge.from, edge.to, edge.dlopened);
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  for (const auto& [from, to, dlopened] : edges) {
    output << "  " << names.at(from) << " -> " << names.at(to);
    if (dlopened) output << " [style=dashed label=\"dlopen\"]";
    output << '\n';
  }
  output << "}\n";
}

}  // namespace revdep::report
