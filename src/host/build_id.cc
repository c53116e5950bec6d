#include "host/build_id.h"

#include <node_version.h>
#include <v8.h>

namespace caravel::host {

std::string BuildId() {
  return std::string("v8-") + v8::V8::GetVersion() + "-node-" +
         NODE_VERSION_STRING;
}

}  // namespace caravel::host
