#include "runtime/ops/html/open_elements.h"

#include <algorithm>
#include <array>

#include "runtime/ops/html/tokenizer.h"

namespace caravel::runtime::html {
namespace {

constexpr auto kVoid = std::to_array<std::string_view>(
    {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr",
     "img", "input", "keygen", "link", "meta", "param", "source", "track",
     "wbr"});
constexpr auto kBreakout = std::to_array<std::string_view>(
    {"b",      "big",    "blockquote", "body",    "br",    "center", "code",
     "dd",     "div",    "dl",         "dt",      "em",    "embed",  "h1",
     "h2",     "h3",     "h4",         "h5",      "h6",    "head",   "hr",
     "i",      "img",    "li",         "listing", "menu",  "meta",   "nobr",
     "ol",     "p",      "pre",        "ruby",    "s",     "small",  "span",
     "strike", "strong", "sub",        "sup",     "table", "tt",     "u",
     "ul",     "var"});
static_assert(std::ranges::is_sorted(kVoid));
static_assert(std::ranges::is_sorted(kBreakout));

// HTML may stand within (section 13.2.6.5: both kinds of integration points).
bool HoldsHtml(std::string_view name, Namespace name_space) {
  if (name_space == Namespace::kSvg) {
    return name == "foreignobject" || name == "desc" || name == "title";
  }
  return name_space == Namespace::kMathMl &&
         (name == "mi" || name == "mo" || name == "mn" || name == "ms" ||
          name == "mtext");
}

constexpr size_t kBytesOfCount = 64;

}  // namespace

bool IsVoid(std::string_view name) {
  return std::ranges::binary_search(kVoid, name);
}

bool EndsForeignContent(std::string_view name) {
  return std::ranges::binary_search(kBreakout, name);
}

uint64_t HashOfName(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : name) {
    hash ^= static_cast<unsigned char>(ToLower(c));
    hash *= 0x100000001b3;
  }
  return hash;
}

OpenElements::Placement OpenElements::Place(std::string_view name,
                                            bool breaks_out) const {
  Placement placement;
  size_t index = elements_.size();
  while (index > 0) {
    const Element& around = elements_[index - 1];
    const bool glyph = around.name_space == Namespace::kMathMl &&
                       (name == "mglyph" || name == "malignmark");
    if (around.name_space == Namespace::kHtml ||
        (around.holds_html && !glyph)) {
      break;
    }
    if (around.is_annotation && name == "svg") break;
    if (!breaks_out) {
      placement.name_space = around.name_space;
      return placement;
    }
    --index;
  }
  placement.closes = elements_.size() - index;
  if (name == "svg") placement.name_space = Namespace::kSvg;
  if (name == "math") placement.name_space = Namespace::kMathMl;
  return placement;
}

OpenElements::Places OpenElements::Count(uint64_t hash, bool by_type) {
  Element& parent = elements_.empty() ? root_ : elements_.back();
  Places places;
  places.child = ++parent.children;
  if (!by_type) return places;
  if (parent.types == nullptr) {
    parent.types = std::make_unique<std::unordered_map<uint64_t, int64_t>>();
  }
  const auto [entry, added] = parent.types->try_emplace(hash, 0);
  if (added) ++counted_types_;
  places.of_type = ++entry->second;
  return places;
}

OpenElements::Element& OpenElements::Open(std::string_view name, uint64_t hash,
                                          Namespace name_space,
                                          bool html_annotation) {
  Element& element = elements_.emplace_back();
  element.hash = hash;
  element.name_space = name_space;
  element.is_annotation =
      name_space == Namespace::kMathMl && name == "annotation-xml";
  element.holds_html =
      HoldsHtml(name, name_space) || (element.is_annotation && html_annotation);
  bits_.resize(bits_.size() + words_);
  ++open_[hash];
  return element;
}

size_t OpenElements::Find(uint64_t hash) const {
  if (!open_.contains(hash)) return elements_.size();
  for (size_t index = elements_.size(); index > 0; --index) {
    if (elements_[index - 1].hash == hash) return index - 1;
  }
  return elements_.size();
}

void OpenElements::CloseLast() {
  Element& last = elements_.back();
  const auto count = open_.find(last.hash);
  if (--count->second == 0) open_.erase(count);
  if (last.types != nullptr) counted_types_ -= last.types->size();
  elements_.pop_back();
  bits_.resize(bits_.size() - words_);
}

size_t OpenElements::held() const {
  return elements_.capacity() * sizeof(Element) +
         bits_.capacity() * sizeof(uint64_t) +
         (open_.size() + counted_types_) * kBytesOfCount;
}

}  // namespace caravel::runtime::html
