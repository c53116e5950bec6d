#pragma once

#include <string>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {

// A fixture with one isolate that runs one Worker with modules of Node.
class NodeFixture : public IsolateFixture {
 protected:
  // A Worker with nodejs_compat whose answer is what `body` returns.
  std::string LoadNode(const std::string& head, const std::string& body,
                       const std::string& date = "2026-08-04") {
    compatibility_date_ = date;
    return Load(head +
                "\nexport default { async fetch() { return new "
                "Response(String(await (async () => {" +
                body + "})())); } };");
  }

  std::string Ask() {
    const InvocationId id = Arrive("/");
    TurnUntilQuiet();
    return Answer(id);
  }
};

}  // namespace caravel::runtime
