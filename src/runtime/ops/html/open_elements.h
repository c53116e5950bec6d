#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace caravel::runtime::html {

enum class Namespace : uint8_t { kHtml, kSvg, kMathMl };

// A name for comparison, whatever its case. Two names that were made to have
// the same one are taken for each other.
uint64_t HashOfName(std::string_view name);

// The elements that are open at a place in the document, as far as tags tell:
// an end tag closes the innermost element of its name and all within; nothing
// is opened or closed that no tag is there for, but void elements and what HTML
// does not let stand in SVG and MathML (section 13.2.6.5).
//
// Beside each element stand `words` words of the caller's.
//
// Threads: one at a time.
class OpenElements {
 public:
  explicit OpenElements(size_t words) : words_(words) {}

  struct Element {
    uint64_t hash = 0;
    Namespace name_space = Namespace::kHtml;
    bool holds_html = false;     // an integration point
    bool is_annotation = false;  // annotation-xml, which may hold SVG
    uint32_t serial = 0;         // the caller's, 0 for none
    int64_t children = 0;
    std::unique_ptr<std::unordered_map<uint64_t, int64_t>> types;
  };

  size_t size() const { return elements_.size(); }
  Element& at(size_t index) { return elements_[index]; }
  uint64_t* words(size_t index) { return bits_.data() + index * words_; }

  // The namespace that an element gets here, and how many of the innermost
  // elements it closes. `name` is in lower case.
  struct Placement {
    Namespace name_space = Namespace::kHtml;
    size_t closes = 0;
  };
  Placement Place(std::string_view name, bool breaks_out) const;
  // Whether text here may have CDATA sections.
  bool InForeignContent() const {
    return !elements_.empty() &&
           elements_.back().name_space != Namespace::kHtml;
  }

  // Counts a child of the innermost element; its place among all, and with
  // `by_type` among those of its name.
  struct Places {
    int64_t child = 0;
    int64_t of_type = 0;
  };
  Places Count(uint64_t hash, bool by_type);

  Element& Open(std::string_view name, uint64_t hash, Namespace name_space,
                bool html_annotation);
  // The index of the innermost element with that hash; size(): there is none.
  size_t Find(uint64_t hash) const;
  void CloseLast();

  size_t held() const;

 private:
  const size_t words_;
  std::vector<Element> elements_;
  std::vector<uint64_t> bits_;
  // How many elements of a name are open: an end tag without an element must
  // not cost a walk through all of them.
  std::unordered_map<uint64_t, uint32_t> open_;
  Element root_;  // counts the elements outside of all
  size_t counted_types_ = 0;
};

// Elements without content (HTML, section 13.1.2).
bool IsVoid(std::string_view name);
// Start tags that end foreign content; <font> does with certain attributes
// only.
bool EndsForeignContent(std::string_view name);

}  // namespace caravel::runtime::html
