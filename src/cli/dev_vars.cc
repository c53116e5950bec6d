#include "cli/dev_vars.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "daemon/client/files.h"

namespace caravel::cli {
namespace {

constexpr std::string_view kBlank = " \t";
constexpr std::string_view kWhitespace = " \t\r\n";

std::string_view TrimmedOf(std::string_view text, std::string_view letters) {
  const size_t first = text.find_first_not_of(letters);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(letters) - first + 1);
}

bool IsOneOf(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

bool IsNameLetter(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
         letter == '_' || letter == '.' || letter == '-';
}

// Reads one file from its beginning to its end.
class DotEnvReader {
 public:
  explicit DotEnvReader(std::string_view text) : rest_(text) {}

  std::vector<std::pair<std::string, std::string>> Read() {
    std::vector<std::pair<std::string, std::string>> entries;
    while (!rest_.empty()) {
      Skip(kWhitespace);
      const std::string_view name = TakeName();
      if (!name.empty()) entries.emplace_back(name, TakeValue());
      SkipLine();
    }
    return entries;
  }

 private:
  void Skip(std::string_view letters) {
    rest_.remove_prefix(
        std::min(rest_.find_first_not_of(letters), rest_.size()));
  }
  void SkipLine() {
    rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
  }

  // Up to and with the sign behind it; empty: the line has none.
  std::string_view TakeName() {
    constexpr std::string_view kExport = "export";
    if (rest_.starts_with(kExport) && rest_.size() > kExport.size() &&
        IsOneOf(kBlank, rest_[kExport.size()])) {
      rest_.remove_prefix(kExport.size());
      Skip(kBlank);
    }
    const size_t size = static_cast<size_t>(
        std::ranges::find_if_not(rest_, IsNameLetter) - rest_.begin());
    const std::string_view name = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (rest_.size() > 1 && rest_[0] == ':' && IsOneOf(kBlank, rest_[1])) {
      rest_.remove_prefix(1);
      return name;
    }
    Skip(kBlank);
    if (!rest_.starts_with('=')) return {};
    rest_.remove_prefix(1);
    return name;
  }

  std::string TakeValue() {
    Skip(kBlank);
    constexpr std::string_view kQuotes = "'\"`";
    if (!rest_.empty() && IsOneOf(kQuotes, rest_.front())) {
      const char quote = rest_.front();
      const size_t end = EndOfQuoted(quote);
      if (end != std::string_view::npos) {
        const std::string_view inside = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        return quote == '"' ? WithLineEnds(inside) : std::string(inside);
      }
    }
    const size_t end = std::min(rest_.find_first_of("#\r\n"), rest_.size());
    return std::string(TrimmedOf(rest_.substr(0, end), kBlank));
  }

  // Where the quotation mark is that ends what begins with one; a backslash
  // keeps one from ending it.
  size_t EndOfQuoted(char quote) const {
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote && rest_[i - 1] != '\\') return i;
    }
    return std::string_view::npos;
  }

  static std::string WithLineEnds(std::string_view text) {
    std::string unescaped;
    for (size_t i = 0; i < text.size(); ++i) {
      const char next = i + 1 < text.size() ? text[i + 1] : '\0';
      if (text[i] == '\\' && (next == 'n' || next == 'r')) {
        unescaped += next == 'n' ? '\n' : '\r';
        ++i;
      } else {
        unescaped += text[i];
      }
    }
    return unescaped;
  }

  std::string_view rest_;
};

// Of these the first that exists counts.
std::vector<std::string> DevVarsFiles(const Project& project,
                                      std::string_view environment) {
  std::vector<std::string> files = {project.folder + "/.dev.vars"};
  if (!environment.empty()) {
    files.insert(files.begin(), fmt::format("{}.{}", files[0], environment));
  }
  return files;
}

// Of these all count, the later ones more.
std::vector<std::string> DotEnvFiles(const Project& project,
                                     std::string_view environment) {
  const std::string base = project.folder + "/.env";
  std::vector<std::string> files = {base, base + ".local"};
  if (!environment.empty()) {
    files.push_back(fmt::format("{}.{}", base, environment));
    files.push_back(files.back() + ".local");
  }
  return files;
}

void SetSecrets(std::vector<std::pair<std::string, std::string>> entries,
                Project& project) {
  for (auto& [name, value] : entries) {
    std::erase_if(project.vars, [&](const registry::Binding& binding) {
      return binding.name == name;
    });
    project.vars.push_back({.name = std::move(name),
                            .type = registry::BindingType::kSecretText,
                            .text = std::move(value)});
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ParseDotEnv(
    std::string_view text) {
  return DotEnvReader(text).Read();
}

std::vector<std::string> SecretFiles(const Project& project,
                                     std::string_view environment) {
  std::vector<std::string> files = DevVarsFiles(project, environment);
  std::ranges::move(DotEnvFiles(project, environment),
                    std::back_inserter(files));
  return files;
}

Result<std::string> AddDevVars(std::string_view environment, Project& project) {
  const auto exists = [](const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error);
  };
  std::vector<std::string> files = DevVarsFiles(project, environment);
  const auto own = std::ranges::find_if(files, exists);
  if (own != files.end()) {
    files = {*own};
  } else {
    files = DotEnvFiles(project, environment);
    std::erase_if(files,
                  [&](const std::string& path) { return !exists(path); });
  }
  std::string read;
  for (const std::string& file : files) {
    CARAVEL_TRY(const std::string text, daemon::ReadFile(file));
    SetSecrets(ParseDotEnv(text), project);
    read += (read.empty() ? "" : ", ") + file;
  }
  return read;
}

}  // namespace caravel::cli
