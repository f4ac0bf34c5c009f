// Graphviz' DOT: https://graphviz.org/doc/info/lang.html
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "base/tree.h"
#include "report/audit_groups.h"
#include "report/dot.h"
#include "report/findings.h"

namespace revdep::report {
namespace {

using audit::Finding;
using audit::Severity;

// Objects of one group that are drawn; the others are one node.
constexpr std::size_t drawn_objects = 12;

struct Node {
  bool loads = false;  // it is the object of a finding, and its chains begin at it
  bool asks = false;   // a chain ends at it
  std::optional<Severity> severity;
};

struct Edge {
  std::string from;
  std::string to;
  bool dlopened = false;
  friend auto operator<=>(const Edge&, const Edge&) = default;
};

struct Rest {
  std::size_t objects = 0;
  Severity severity = Severity::note;
  std::string asker;
};

struct Picture {
  std::map<std::string, Node> nodes;  // by path
  std::set<Edge> edges;
  std::vector<Rest> rests;
};

void add_chains(Picture& picture, const Finding& finding) {
  picture.nodes[finding.object].loads = true;
  for (const audit::Chain& chain : finding.chains) {
    std::string from = finding.object;
    for (const audit::Step& step : chain) {
      picture.edges.insert({from, step.path, step.dlopened});
      from = step.path;
    }
    picture.nodes[from].asks = true;
    for (const audit::Step& step : chain) picture.nodes.try_emplace(step.path);
  }
}

void add_group(Picture& picture, const FindingGroup& group) {
  std::set<std::string_view> drawn;
  std::set<std::string_view> rest;
  std::string asker;
  for (const Finding* const finding : group.findings) {
    if (finding->chains.empty() || finding->chains.front().empty()) continue;
    if (drawn.size() < drawn_objects || drawn.contains(finding->object)) {
      drawn.insert(finding->object);
      add_chains(picture, *finding);
      continue;
    }
    if (rest.empty()) asker = finding->chains.front().back().path;
    rest.insert(finding->object);
  }
  if (rest.empty()) return;
  picture.nodes[asker].asks = true;
  picture.rests.push_back({rest.size(), group.first().severity, std::move(asker)});
}

Picture draw(const Audit& audit) {
  Picture picture;
  for (const FindingGroup& group : group_findings(audit.findings, audit.shown)) add_group(picture, group);
  for (const Finding& finding : audit.findings) {
    if (finding.severity < audit.shown) continue;
    const auto node = picture.nodes.find(finding.object);
    if (node == picture.nodes.end()) continue;
    node->second.severity = std::max(node->second.severity.value_or(finding.severity), finding.severity);
  }
  return picture;
}

std::string_view fill(std::optional<Severity> severity) {
  constexpr std::array<std::string_view, 3> tints = {"#cfe8f3", "#fbe7a2", "#f6b8b0"};
  return severity ? tints.at(static_cast<std::size_t>(*severity)) : "#ffffff";
}

void write_node(Output& output, const std::string& id, const std::string& path, const Node& node) {
  output << "  " << id << " [label=" << quote_dot(base::split_path(path).second) << " tooltip=" << quote_dot(path)
         << " shape=" << (node.loads ? "box" : "ellipse") << " fillcolor=\"" << fill(node.severity) << '"'
         << (node.asks ? " penwidth=2" : "") << "]\n";
}

void write_rest(Output& output, const std::string& id, const Rest& rest) {
  output << "  " << id << " [label=\"and " << std::to_string(rest.objects)
         << R"( more" shape=box style="filled,dashed" fillcolor=")" << fill(rest.severity) << "\"]\n";
}

}  // namespace

void write_audit_dot(Output& output, const Audit& audit) {
  const Picture picture = draw(audit);
  std::map<std::string_view, std::string> ids;
  for (const auto& [path, node] : picture.nodes) ids.emplace(path, "n" + std::to_string(ids.size()));

  output << "digraph audit {\n"
            "  graph [rankdir=LR nodesep=0.15 ranksep=1.2]\n"
            "  node [style=filled fontname=\"Helvetica\" fontsize=11 margin=\"0.1,0.04\"]\n"
            "  edge [color=\"#606060\" arrowsize=0.6 fontname=\"Helvetica\" fontsize=9]\n";
  for (const auto& [path, node] : picture.nodes) write_node(output, ids.at(path), path, node);
  for (const Edge& edge : picture.edges) {
    output << "  " << ids.at(edge.from) << " -> " << ids.at(edge.to)
           << (edge.dlopened ? " [style=dashed label=\"dlopen\"]\n" : "\n");
  }
  for (std::size_t index = 0; index < picture.rests.size(); ++index) {
    const Rest& rest = picture.rests[index];
    const std::string id = "rest" + std::to_string(index);
    write_rest(output, id, rest);
    output << "  " << id << " -> " << ids.at(rest.asker) << " [style=dotted]\n";
  }
  output << "}\n";
}

}  // namespace revdep::report
