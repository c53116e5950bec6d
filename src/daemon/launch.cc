#include "daemon/launch.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "daemon/listeners.h"

namespace caravel::daemon {

void TellReady(base::Fd& ready, const std::string& line) {
  if (!ready.valid()) return;
  // Who waited and left needs no telling.
  [[maybe_unused]] const ssize_t ignored =
      ::write(ready.get(), line.data(), line.size());
  ready.Reset();
}

unsigned ShardsOf(const Config& config) {
  return config.shards != 0
             ? config.shards
             : std::clamp(std::thread::hardware_concurrency(), 1U, kMaxShards);
}

std::string LocalUrl(const std::string& bind, uint16_t port) {
  if (bind == "0.0.0.0") return fmt::format("http://127.0.0.1:{}", port);
  if (bind == "::") return fmt::format("http://[::1]:{}", port);
  return bind.find(':') == std::string::npos
             ? fmt::format("http://{}:{}", bind, port)
             : fmt::format("http://[{}]:{}", bind, port);
}

}  // namespace caravel::daemon
