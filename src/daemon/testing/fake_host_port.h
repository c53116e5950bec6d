#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/host_port.h"

namespace caravel::daemon {

// A host that writes down what it is sent.
class FakeHostPort final : public HostPort {
 public:
  explicit FakeHostPort(std::string id, bool serving = true)
      : id_(std::move(id)), serving_(serving) {}

  const std::string& id() const override { return id_; }
  const std::string& build() const override { return build_; }
  int pid() const override { return 1; }
  bool serving() const override { return serving_; }
  void Send(const registry::ToHost& message,
            std::vector<base::Fd> fds) override {
    sent.push_back({message, std::move(fds)});
  }
  void Kill(std::string_view why) override { killed = std::string(why); }

  struct Sent {
    registry::ToHost message;
    std::vector<base::Fd> fds;
  };

  // All messages of one type.
  template <typename T>
  std::vector<const T*> SentOf() const {
    std::vector<const T*> found;
    for (const Sent& each : sent) {
      if (const T* message = std::get_if<T>(&each.message)) {
        found.push_back(message);
      }
    }
    return found;
  }

  std::vector<Sent> sent;
  std::string killed;  // why; empty: it was not

 private:
  const std::string id_;
  const std::string build_ = "fake";
  const bool serving_;
};

}  // namespace caravel::daemon
