// Sections stand in a fixed order, each once, and custom ones anywhere.
// Imported memories come first in the numbering of memories, so imports are
// read up to them; of exports, names and kinds. Everything else is copied as it
// is.
//
// Tests: wasm_module_test.cc.
#include "runtime/wasm_module.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace caravel::runtime {
namespace {

constexpr size_t kWasmPreamble = 8;
enum WasmSection : uint8_t {
  kWasmImports = 2,
  kWasmMemories = 5,
  kWasmExports = 7,
  kWasmStartFunction = 8,
};
// Those that stand behind the exports: start, elements, data count, code, data.
constexpr std::array<uint8_t, 5> kWasmBehindExports = {8, 9, 12, 10, 11};
enum WasmKind : uint8_t {
  kWasmFunction,
  kWasmTable,
  kWasmMemory,
  kWasmGlobal,
  kWasmTag,
};
enum WasmLimits : uint8_t { kHasMaximum = 1, kHasPageSize = 8 };

// Behind the end there are zeros.
class WasmReader {
 public:
  explicit WasmReader(std::string_view bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  size_t rest_size() const { return rest_.size(); }
  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  uint64_t Number() {  // LEB128
    uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = Byte();
      number |= uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80U) == 0) break;
    }
    return number;
  }
  std::string_view Bytes(uint64_t size) {
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  std::string_view Name() { return Bytes(Number()); }
  void SkipLimits() {
    const uint8_t flags = Byte();
    (void)Number();
    if ((flags & kHasMaximum) != 0) (void)Number();
    if ((flags & kHasPageSize) != 0) (void)Number();
  }
  // False for a type of a later specification.
  bool SkipValueType() {
    const uint8_t type = Byte();
    if (type == 0x63 || type == 0x64) {  // a reference to a heap type
      (void)Number();
      return true;
    }
    return type > 0x65 && type < 0x80;
  }

 private:
  std::string_view rest_;
};

void WriteWasmNumber(std::string& out, uint64_t number) {
  for (; number >= 0x80; number >>= 7) {
    out += static_cast<char>((number & 0x7FU) | 0x80U);
  }
  out += static_cast<char>(number);
}

// How many memories are imported; nothing when that cannot be read.
std::optional<uint64_t> CountImportedMemories(std::string_view section) {
  WasmReader in(section);
  uint64_t memories = 0;
  for (uint64_t left = in.Number(); left > 0; --left) {
    if (in.empty()) return std::nullopt;
    (void)in.Name();
    (void)in.Name();
    switch (in.Byte()) {
      case kWasmFunction:
        (void)in.Number();
        break;
      case kWasmTable:
        if (!in.SkipValueType()) return std::nullopt;
        in.SkipLimits();
        break;
      case kWasmMemory:
        ++memories;
        in.SkipLimits();
        break;
      case kWasmGlobal:
        if (!in.SkipValueType()) return std::nullopt;
        (void)in.Byte();
        break;
      case kWasmTag:
        (void)in.Byte();
        (void)in.Number();
        break;
      default:
        return std::nullopt;
    }
  }
  return in.empty() ? std::optional(memories) : std::nullopt;
}

struct WasmExports {
  uint64_t count = 0;
  std::string_view entries;
  std::set<std::string_view> names;
  std::set<uint64_t> memories;
};

WasmExports ReadWasmExports(std::string_view section) {
  WasmExports exports;
  WasmReader in(section);
  exports.count = in.Number();
  WasmReader entries = in;
  exports.entries = in.Bytes(section.size());
  for (uint64_t left = exports.count; left > 0 && !entries.empty(); --left) {
    exports.names.insert(entries.Name());
    const uint8_t kind = entries.Byte();
    const uint64_t number = entries.Number();
    if (kind == kWasmMemory) exports.memories.insert(number);
  }
  return exports;
}

void WriteWasmExport(std::string& out, std::string_view name, WasmKind kind,
                     uint64_t number) {
  WriteWasmNumber(out, name.size());
  out += name;
  out += static_cast<char>(kind);
  WriteWasmNumber(out, number);
}

// The exports, and behind them those of `hidden` memories and of the start
// function, if there is one.
std::string WriteWasmExports(const WasmExports& exports,
                             const std::vector<uint64_t>& hidden,
                             std::optional<uint64_t> start) {
  std::string content;
  WriteWasmNumber(content,
                  exports.count + hidden.size() + (start.has_value() ? 1 : 0));
  content += exports.entries;
  for (const uint64_t memory : hidden) {
    std::string name = hidden.size() == 1
                           ? "caravel:memory"
                           : fmt::format("caravel:memory:{}", memory);
    while (exports.names.contains(name)) name += '\'';
    WriteWasmExport(content, name, kWasmMemory, memory);
  }
  if (start) WriteWasmExport(content, kWasmStart, kWasmFunction, *start);
  std::string section(1, static_cast<char>(kWasmExports));
  WriteWasmNumber(section, content.size());
  return section + content;
}

}  // namespace

Result<std::string> ExportMemories(std::string_view module) {
  WasmReader in(module);
  (void)in.Bytes(kWasmPreamble);
  uint64_t imported = 0;
  uint64_t defined = 0;
  WasmExports exports;
  // Where the exports stand, or are to stand.
  std::optional<size_t> exports_begin;
  size_t exports_end = 0;
  std::optional<uint64_t> start;
  size_t start_begin = module.size();
  size_t start_end = module.size();
  const auto position = [&] { return module.size() - in.rest_size(); };
  while (!in.empty()) {
    const size_t begin = position();
    const uint8_t id = in.Byte();
    const std::string_view content = in.Name();
    if (id == kWasmStartFunction) {
      start = WasmReader(content).Number();
      start_begin = begin;
      start_end = position();
    }
    if (id == kWasmImports) {
      const std::optional<uint64_t> memories = CountImportedMemories(content);
      if (!memories) {
        return Error(ErrorCode::kInvalid,
                     "its imports are of a kind that is not known here");
      }
      imported = *memories;
    } else if (id == kWasmMemories) {
      defined = WasmReader(content).Number();
    } else if (id == kWasmExports) {
      exports = ReadWasmExports(content);
      exports_begin = begin;
      exports_end = position();
    } else if (!exports_begin && std::ranges::find(kWasmBehindExports, id) !=
                                     kWasmBehindExports.end()) {
      exports_begin = exports_end = begin;
    }
  }
  std::vector<uint64_t> hidden;
  for (uint64_t i = imported; i < imported + defined; ++i) {
    if (!exports.memories.contains(i)) hidden.push_back(i);
  }
  if (exports.names.contains(kWasmStart)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("it exports something as \"{}\", a name that "
                             "stands for start functions here",
                             kWasmStart))
        .Remedy("give it another name");
  }
  if (defined == 0) start.reset();
  if (hidden.empty() && !start) return std::string();
  if (!exports_begin) exports_begin = exports_end = module.size();
  std::string changed(module.substr(0, *exports_begin));
  changed += WriteWasmExports(exports, hidden, start);
  if (start) {
    changed += module.substr(exports_end, start_begin - exports_end);
    exports_end = start_end;
  }
  changed += module.substr(exports_end);
  return changed;
}

}  // namespace caravel::runtime
