#include "cli/running.h"

#include <charconv>

namespace caravel::cli {

Result<daemon::DataFolder> FolderFrom(const Arguments& arguments) {
  if (const std::optional<std::string> data = arguments.Text("data")) {
    return daemon::DataFolder(daemon::AbsolutePath(*data));
  }
  CARAVEL_TRY(std::string data, daemon::DefaultDataFolder());
  return daemon::DataFolder(std::move(data));
}

Result<daemon::RunInfo> RunningFrom(const Arguments& arguments) {
  CARAVEL_TRY(const daemon::DataFolder folder, FolderFrom(arguments));
  return daemon::FindRunning(folder);
}

std::vector<std::pair<std::string, std::string>> WranglerVariables(
    const daemon::RunInfo& running, const ChosenAccount& account) {
  return {{"CLOUDFLARE_API_BASE_URL", running.api},
          {"CLOUDFLARE_API_TOKEN", running.token},
          {"CLOUDFLARE_ACCOUNT_ID", account.id},
          {"WRANGLER_SEND_METRICS", "false"},
          {"WRANGLER_SEND_ERROR_REPORTS", "false"}};
}

unsigned PortOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  unsigned port = 0;
  const size_t colon = url.rfind(':');
  if (colon == std::string_view::npos) return 0;
  std::from_chars(url.data() + colon + 1, url.data() + url.size(), port);
  return port;
}

std::string WorkerUrl(const daemon::RunInfo& running,
                      const ChosenAccount& account, std::string_view name) {
  const size_t scheme = running.http.find("://");
  const size_t colon = running.http.rfind(':');
  const bool has_port = colon != std::string::npos && colon != scheme;
  return fmt::format("{}://{}{}{}.localhost{}", running.http.substr(0, scheme),
                     name, account.subdomain.empty() ? "" : ".",
                     account.subdomain,
                     has_port ? running.http.substr(colon) : "");
}

std::string WorkerUrl(const daemon::RunInfo& running, std::string_view name) {
  return WorkerUrl(running, ChosenAccount(), name);
}

}  // namespace caravel::cli
