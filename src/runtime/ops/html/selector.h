#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caravel::runtime::html {

// The selectors that HTMLRewriter takes (Workers documentation, HTMLRewriter,
// "Selectors"; grammar: Selectors Level 4): type, *, class, id, attributes,
// :nth-child(), :nth-of-type() and their :first- forms, :not(), descendant and
// child combinators. Names of elements and attributes are in lower case.

struct AttributeTest {
  enum class Operator : uint8_t {
    kExists,
    kEquals,
    kHasWord,     // ~=
    kStartsWith,  // ^=
    kEndsWith,    // $=
    kContains,    // *=
    kDashMatch    // |=
  };
  std::string name;
  Operator op = Operator::kExists;
  std::string value;
  bool ignore_case = false;

  bool Matches(std::string_view actual) const;
};

// Of the places 1, 2, … those that are step * n + offset for an n of 0, 1, …
struct Nth {
  int64_t step = 0;
  int64_t offset = 0;
  bool of_type = false;

  bool Matches(int64_t place) const;
};

// What one element has to be.
struct Compound {
  std::optional<std::string> type;
  std::vector<AttributeTest> attributes;  // classes and ids too
  std::vector<Nth> places;
  std::vector<Compound> excluded;  // :not()

  bool CountsTypes() const;
};

// Compounds from the outermost ancestor to the element itself.
struct Selector {
  struct Step {
    bool child = false;  // of the one before, else a descendant
    Compound compound;
  };
  std::vector<Step> steps;
};

// A list of selectors, separated by commas. kInvalid names the selector and
// what is wrong with it.
Result<std::vector<Selector>> ParseSelectors(std::string_view text);

}  // namespace caravel::runtime::html
