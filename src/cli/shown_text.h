#pragma once

#include <string>
#include <string_view>

// Text of others on a terminal: what is not seen and acts on it
// (base/unseen.h) is written as \x1b or \u202e.
namespace caravel::cli {

// What stands on a line with our own words, such as a name.
std::string Shown(std::string_view text);

// The same of several lines: ends of lines and tabs stay.
std::string ShownLines(std::string_view text);

// As much of `text` as shows the character at `at`; moves `at` behind it.
std::string NextShown(std::string_view text, size_t& at);

// The same of JSON, which stays JSON of the same value; a number such as 1E2 is
// written as 100. Requires: `text` is JSON.
std::string ShownJson(std::string_view text);

}  // namespace caravel::cli
