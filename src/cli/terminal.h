#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caravel::cli {

// Where a command writes: answers to standard output, errors to standard error;
// each with colours when it is a terminal and NO_COLOR (no-color.org) is unset.
// Threads: one.
class Terminal {
 public:
  // Descriptors are not owned. `called`: how this program was called.
  Terminal(int output, int errors, std::string called = "./caravel");

  // One line, or several, as it stands.
  void Print(std::string_view text);
  // JSON of the same value, of which nothing acts on the terminal.
  void PrintJson(std::string_view json);
  // Nobody reads what is printed any more: the other end of a pipe was closed.
  bool reader_left() const { return reader_left_; }
  // "caravel: thing: reason", the remedy AsCalled() and indented below it. A
  // message may hold text of others: its words stay, and nothing of it acts on
  // the terminal.
  void PrintError(const Error& error);
  void PrintWarning(std::string_view text);
  // What is no answer, for a person to know: on standard error.
  void PrintNote(std::string_view text);

  // `text` of our own with the commands in it, written as ./caravel, as this
  // program was called.
  std::string AsCalled(std::string_view text) const;

  // Whether answers, and errors, have colours.
  bool colours() const { return colours_; }
  bool error_colours() const { return error_colours_; }

  // The text so that it stands out, where colours are.
  std::string Bold(std::string_view text) const;
  std::string Dim(std::string_view text) const;
  std::string Red(std::string_view text) const;
  std::string Yellow(std::string_view text) const;

 private:
  std::string Styled(std::string_view text, std::string_view code) const;

  const int output_;
  const int errors_;
  const std::string called_;
  const bool colours_;
  const bool error_colours_;
  bool reader_left_ = false;
};

}  // namespace caravel::cli
