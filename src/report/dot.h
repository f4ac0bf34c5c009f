// One object and its neighbours as a picture for graphviz. Takes what is to be drawn as values; chooses nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/output.h"

namespace revdep::report {

struct NeighbourhoodNode {
  std::string path;     ///< canonical; what edges name it by, and its tooltip
  std::string label;    ///< soname or base name
  std::string marking;  ///< shown under the label; "": nothing is
  bool is_executable = false;
};

struct NeighbourhoodEdge {
  std::string from;  ///< path of the node that loads
  std::string to;
  bool dlopened = false;
};

struct Neighbourhood {
  std::string centre;  ///< path of the node that was asked for
  std::vector<NeighbourhoodNode> nodes;
  std::vector<NeighbourhoodEdge> edges;
};

/// DOT, consumers on the left; the same text for the same values in any order. An edge or a centre that no node has the
/// path of is a broken invariant: it throws.
void write_neighbourhood_dot(Output& output, const Neighbourhood& neighbourhood);

/// A string of DOT, its quotes included, that graphviz shows as escape() or json_text() would spell `bytes`.
std::string quote_dot(std::string_view bytes);

}  // namespace revdep::report
