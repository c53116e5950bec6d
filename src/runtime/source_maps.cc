#include "runtime/source_maps.h"

#include <utility>

#include "runtime/js/convert.h"

namespace caravel::runtime {
namespace {

// Where the quotation mark is that ends what one at `at` begins.
size_t EndOfText(std::string_view json, size_t at) {
  constexpr std::string_view kStops = "\"\\";
  at = json.find_first_of(kStops, at + 1);
  while (at != json.npos && json[at] == '\\') {
    at = json.find_first_of(kStops, at + 2);
  }
  return at;
}

// How many brackets, commas and colons `json` has outside of its texts.
size_t MarksOf(std::string_view json) {
  constexpr std::string_view kMarks = "[{,:\"";
  size_t marks = 0;
  for (size_t at = json.find_first_of(kMarks); at != json.npos;
       at = json.find_first_of(kMarks, at + 1)) {
    if (json[at] == '"') {
      at = EndOfText(json, at);
      if (at == json.npos) break;
    } else {
      ++marks;
    }
  }
  return marks;
}

}  // namespace

const SourceMap* SourceMaps::Find(js::Scope& scope, std::string_view module) {
  const registry::Bundle::ModuleView* file =
      bundle_->Find(std::string(module) + ".map");
  if (file == nullptr) return nullptr;
  const auto [known, is_new] = maps_.try_emplace(file);
  std::unique_ptr<SourceMap>& map = known->second;
  if (!is_new) return map.get();
  const size_t marks = MarksOf(file->content);
  if (marks > marks_left_) return nullptr;
  marks_left_ -= marks;
  const v8::TryCatch ignore(scope.isolate());
  v8::Local<v8::Value> parsed;
  v8::Local<v8::Value> mappings;
  v8::Local<v8::Value> sources;
  if (!v8::JSON::Parse(scope.context(), js::NewString(scope, file->content))
           .ToLocal(&parsed) ||
      !parsed->IsObject() ||
      !parsed.As<v8::Object>()
           ->Get(scope.context(), scope.Name("mappings"))
           .ToLocal(&mappings) ||
      !parsed.As<v8::Object>()
           ->Get(scope.context(), scope.Name("sources"))
           .ToLocal(&sources) ||
      !mappings->IsString() || !sources->IsArray()) {
    return nullptr;
  }
  std::vector<std::string> names;
  if (!js::FromJs(scope, sources, {"source map", 1}, names)) return nullptr;
  map = std::make_unique<SourceMap>(
      js::ToUtf8(scope, mappings.As<v8::String>()), std::move(names));
  return map.get();
}

}  // namespace caravel::runtime
