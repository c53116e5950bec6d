#include "daemon/client/last_ports.h"

#include <fmt/format.h>

#include <charconv>

#include "daemon/client/files.h"

namespace caravel::daemon {
namespace {

// The number that `text` begins with and the sign behind it, both taken off it;
// 0: there is none.
uint16_t TakePort(std::string_view& text, char behind) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop == end || *stop != behind) return 0;
  text.remove_prefix(static_cast<size_t>(stop - text.data()) + 1);
  return port;
}

}  // namespace

std::optional<LastPorts> LoadLastPorts(const DataFolder& folder) {
  const Result<std::string> file = ReadFile(folder.last_ports());
  if (!file) return std::nullopt;
  std::string_view text = *file;
  LastPorts ports;
  ports.workers = TakePort(text, ' ');
  ports.api = TakePort(text, '\n');
  if (ports.workers == 0 || ports.api == 0) return std::nullopt;
  return ports;
}

Status SaveLastPorts(const DataFolder& folder, const LastPorts& ports) {
  return ReplaceFile(folder.last_ports(),
                     fmt::format("{} {}\n", ports.workers, ports.api));
}

}  // namespace caravel::daemon
