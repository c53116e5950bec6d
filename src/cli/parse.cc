// CLI11 splits the words; what it refuses is told in our words, because its own
// name neither the command nor a remedy. The one file that includes it.
#include "cli/parse.h"

#include <CLI/CLI.hpp>

#include "base/nearest_name.h"
#include "cli/commands.h"

namespace caravel::cli {
namespace {

// Texts that CLI11 fills in, by flag or operand. The nodes do not move.
struct Bound {
  std::map<std::string_view, std::vector<std::string>> texts;
  std::map<std::string_view, bool> switches;
};

constexpr int kMostOfAnOperand = 64;

std::string SeeHelp(const Command& command) {
  return fmt::format("see ./caravel help {}", command.name);
}

void Declare(CLI::App& app, const Command& command, Bound& bound) {
  app.set_help_flag("");
  if (!command.passes_rest) app.add_flag("-h,--help", bound.switches["help"]);
  for (const Flag& flag : command.flags) {
    const std::string name =
        flag.letter != '\0' ? fmt::format("-{},--{}", flag.letter, flag.name)
                            : fmt::format("--{}", flag.name);
    if (flag.kind == Flag::Kind::kSwitch) {
      app.add_flag(name, bound.switches[flag.name]);
    } else {
      app.add_option(name, bound.texts[flag.name])
          ->expected(1)
          ->allow_extra_args(false)  // what follows is an operand
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
  if (command.passes_rest) {
    app.prefix_command();
    return;
  }
  for (const Operand& operand : command.operands) {
    CLI::Option* option =
        app.add_option(std::string(operand.name), bound.texts[operand.name]);
    if (operand.several) {
      option->expected(1, kMostOfAnOperand);
    } else {
      // What follows is the next operand.
      option->expected(1)->allow_extra_args(false);
    }
  }
  app.allow_extras();
}

Error UnwantedWord(const Command& command, const std::string& word) {
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: does not take \"{}\"", command.name, word))
      .Remedy(SeeHelp(command));
}

Error UnknownOption(const Command& command, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const Flag& flag : command.flags) {
    known.push_back(fmt::format("--{}", flag.name));
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view nearest = base::NearestName(name, views);
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: unknown option {}", command.name, name))
      .Remedy(nearest.empty() ? SeeHelp(command)
                              : fmt::format("did you mean {}? {}", nearest,
                                            SeeHelp(command)));
}

// The flag that `word` names, with or without a value behind '='.
const Flag* FindFlag(const Command& command, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  const auto flag = std::ranges::find_if(command.flags, [&](const Flag& each) {
    return name == fmt::format("--{}", each.name) ||
           (each.letter != '\0' && name == fmt::format("-{}", each.letter));
  });
  return flag == command.flags.end() ? nullptr : &*flag;
}

bool LooksLikeOption(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

// Refuses what CLI11 would take for something else: it hands a word behind an
// unknown option to an operand, and the next option to one without its value.
Status CheckWords(const Command& command,
                  const std::vector<std::string>& words) {
  size_t operands = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") return {};  // operands from here on
    if (!LooksLikeOption(word)) {
      if (command.passes_rest) return {};
      const size_t most =
          !command.operands.empty() && command.operands.back().several
              ? kMostOfAnOperand
              : command.operands.size();
      if (++operands > most) {
        return UnwantedWord(command, word);
      }
      continue;
    }
    if (word == "-h" || word == "--help") continue;
    const Flag* flag = FindFlag(command, word);
    if (flag == nullptr) {
      if (command.passes_rest) return {};
      return UnknownOption(command, word);
    }
    if (flag->kind == Flag::Kind::kSwitch ||
        word.find('=') != std::string::npos) {
      continue;
    }
    ++i;
    if (i == words.size() || FindFlag(command, words[i]) != nullptr) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}: {}: its value is missing", command.name,
                               word))
          .Remedy(
              fmt::format("--{} {}: {}", flag->name, flag->value, flag->help));
    }
  }
  return {};
}

Status CheckRange(const Command& command, const Flag& flag,
                  const Arguments& arguments) {
  if (flag.kind != Flag::Kind::kNumber) return {};
  const unsigned number = arguments.Number(flag.name).value_or(flag.least);
  if (number >= flag.least && number <= flag.most) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("{}: --{} {} is not between {} and {}", command.name,
                           flag.name, number, flag.least, flag.most))
      .Remedy(fmt::format("--{} {}: {}", flag.name, flag.value, flag.help));
}

Status CheckValues(const Command& command, const Arguments& arguments) {
  for (const Flag& flag : command.flags) {
    const std::optional<std::string> text = arguments.Text(flag.name);
    if (!text || flag.kind == Flag::Kind::kSwitch) continue;
    if (arguments.List(flag.name).size() > 1 &&
        flag.kind != Flag::Kind::kList) {
      return Error(ErrorCode::kInvalid, fmt::format("{}: --{} is given twice",
                                                    command.name, flag.name));
    }
    const bool is_number =
        !text->empty() && text->size() <= 9 &&
        text->find_first_not_of("0123456789") == std::string::npos;
    if (flag.kind == Flag::Kind::kNumber && !is_number) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}: --{} \"{}\" is no number", command.name,
                               flag.name, *text))
          .Remedy(fmt::format("--{} {}: {}", flag.name, flag.value, flag.help));
    }
    CARAVEL_TRY(CheckRange(command, flag, arguments));
  }
  for (const Operand& operand : command.operands) {
    if (operand.required && !arguments.Has(operand.name)) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("{}: {} is missing", command.name, operand.name))
          .Remedy(fmt::format("{}: {}", operand.name, operand.help));
    }
  }
  return {};
}

Result<Invocation> ParseFor(const Command& command,
                            std::vector<std::string> words) {
  CARAVEL_TRY(CheckWords(command, words));
  CLI::App app;
  Bound bound;
  Declare(app, command, bound);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}: {}", command.name, error.what()))
        .Remedy(SeeHelp(command));
  }
  Invocation invocation;
  invocation.command = &command;
  for (auto& [name, texts] : bound.texts) {
    for (std::string& text : texts) {
      invocation.arguments.Add(name, std::move(text));
    }
  }
  for (const auto& [name, given] : bound.switches) {
    if (given) invocation.arguments.Add(name, "true");
  }
  if (invocation.arguments.Has("help")) {
    invocation.wants_help = true;
    return invocation;
  }
  std::vector<std::string> rest = app.remaining();
  if (command.passes_rest) {
    invocation.arguments.SetRest(std::move(rest));
  } else if (!rest.empty()) {
    return UnwantedWord(command, rest.front());
  }
  CARAVEL_TRY(CheckValues(command, invocation.arguments));
  return invocation;
}

Error UnknownCommand(const std::string& word) {
  std::vector<std::string_view> known;
  for (const Command* command : kCommands) known.push_back(command->name);
  const std::string_view nearest = base::NearestName(word, known);
  return Error(ErrorCode::kInvalid,
               fmt::format("there is no command \"{}\"", word))
      .Remedy(nearest.empty()
                  ? "see ./caravel help"
                  : fmt::format("did you mean ./caravel {}?", nearest));
}

}  // namespace

Result<Invocation> ParseCommandLine(const std::vector<std::string>& words) {
  if (words.empty() || words.front() == "--help" || words.front() == "-h") {
    Invocation invocation;
    invocation.wants_help = true;
    return invocation;
  }
  const std::string& name = words.front() == "--version"
                                ? std::string(kVersionCommand.name)
                                : words.front();
  const Command* command = FindCommand(name);
  if (command == nullptr) return UnknownCommand(words.front());
  return ParseFor(*command, {words.begin() + 1, words.end()});
}

}  // namespace caravel::cli
