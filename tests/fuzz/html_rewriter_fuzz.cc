// A document through the rewriter, with handlers that change some of it: what
// comes out must not depend on the pieces that the document comes in, and
// without handlers it is the document itself. The first bytes say how it is
// cut; the selectors follow, up to a line feed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/ops/html/rewriter.h"
#include "runtime/ops/html/selector.h"

namespace {

using caravel::runtime::html::Rewriter;
using Event = Rewriter::Event;

std::string Run(std::string_view document, std::string_view selectors,
                bool change, size_t step) {
  Rewriter::Handlers handlers;
  if (auto parsed = caravel::runtime::html::ParseSelectors(selectors); parsed) {
    handlers.of_elements.push_back(Rewriter::kElements | Rewriter::kComments);
    handlers.matcher.Add(std::move(*parsed), 0);
  }
  if (change) {
    handlers.of_document.push_back(Rewriter::kComments | Rewriter::kTexts |
                                   Rewriter::kDoctypes | Rewriter::kEnds);
  }
  Rewriter rewriter(std::move(handlers), Rewriter::Charset::kUtf8);
  std::string out;
  size_t seen = 0;
  for (;;) {
    const Event event = rewriter.Next();
    out += rewriter.TakeOutput();
    if (event == Event::kDone) return out;
    if (event == Event::kNeedsInput) {
      rewriter.Push(document.substr(0, step));
      document.remove_prefix(std::min(step, document.size()));
      if (document.empty()) rewriter.End();
      continue;
    }
    if (!change || event == Event::kAgain || event == Event::kText) continue;
    if (event == Event::kStream) {
      rewriter.Write("stream");
      continue;
    }
    ++seen;
    if (event == Event::kElement && seen % 3 == 0) {
      rewriter.SetAttribute("a", "b");
      rewriter.WantEndTag();
    }
    if (seen % 7 == 1) rewriter.Remove(seen % 2 == 0);
    const auto position = static_cast<Rewriter::Position>(seen % 6);
    if (seen % 2 == 0) rewriter.Insert(position, {"inserted"});
    if (seen % 5 == 0) rewriter.Insert(position, {"", 1});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t step = data[0] % 16 + size_t{1};
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const size_t line = std::min(rest.find('\n'), rest.size() - 1);
  const std::string_view selectors = rest.substr(0, line);
  const std::string_view document = rest.substr(line + 1);
  if (Run(document, "*", false, step) != document) std::abort();
  if (Run(document, selectors, true, step) !=
      Run(document, selectors, true, document.size() + 1)) {
    std::abort();
  }
  return 0;
}
