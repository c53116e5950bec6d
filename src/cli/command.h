#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/installation.h"
#include "cli/terminal.h"

// A command is declared once, in a file of its own: from the declaration come
// the parser (parse.cc), the help (help.cc) and the errors. The list of all is
// kCommands in commands.cc.
namespace caravel::cli {

struct Flag {
  enum class Kind { kSwitch, kText, kNumber, kList };

  std::string_view name;  // "port" for --port
  Kind kind = Kind::kText;
  std::string_view value;  // how the help calls its value: "N", "DIR"
  std::string_view help;   // one line
  char letter = '\0';      // 'f' for -f as well
  // Of a number, both included.
  unsigned least = 0;
  unsigned most = 999'999'999;
};

struct Operand {
  std::string_view name;  // "DIR"
  bool required = false;
  std::string_view help;
  bool several = false;  // the last one may be given more than once
};

// What a person wrote behind the command, already checked against its
// declaration. A value.
class Arguments {
 public:
  bool Has(std::string_view name) const { return values_.contains(name); }
  // The flag's or operand's text; nothing when it is absent.
  std::optional<std::string> Text(std::string_view name) const;
  std::optional<unsigned> Number(std::string_view name) const;
  std::vector<std::string> List(std::string_view name) const;
  // What stands behind the flags of a command that passes it on.
  const std::vector<std::string>& rest() const { return rest_; }

  void Add(std::string_view name, std::string value);
  void SetRest(std::vector<std::string> rest) { rest_ = std::move(rest); }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> rest_;
};

// What commands work with; main builds it.
struct Context {
  const Installation& installation;
  Terminal& terminal;
};

struct Command {
  std::string_view name;
  std::string_view summary;  // one line, for the list
  std::string_view help;     // paragraphs, for `caravel help NAME`
  std::span<const Flag> flags;
  std::span<const Operand> operands;
  // Everything from the first word on that is no flag of ours belongs to
  // another program.
  bool passes_rest = false;

  // The exit code of the process; an Error is printed and becomes one.
  Result<int> (*run)(Context& context, const Arguments& arguments);
};

// Flags that several commands take.
inline constexpr Flag kDataFlag{
    "data", Flag::Kind::kText, "DIR",
    "folder of the state; else $CARAVEL_DATA, else ~/.local/share/caravel"};
inline constexpr Flag kAccountFlag{
    "account", Flag::Kind::kText, "NAME",
    "the account, by name, subdomain or id; else the first one"};
inline constexpr Flag kJsonFlag{"json", Flag::Kind::kSwitch, "",
                                "print one JSON object"};

}  // namespace caravel::cli
