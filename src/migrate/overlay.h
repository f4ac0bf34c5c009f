// Whether a file still lies in an overlay's lower layer, so that a change copies it to the upper one. Reads only.
#pragma once

namespace revdep::migrate {

/// False too where it cannot be known: inside a container the upper layer is out of sight.
bool is_on_lower_layer(int fd);

}  // namespace revdep::migrate
