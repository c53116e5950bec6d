// /proc/net/tcp gives the socket's inode, and the process is the one that has a
// descriptor "socket:[inode]" (proc(5)). Slow, and only on the way to an error.
#include "daemon/port_owner.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace caravel::daemon {
namespace {

namespace fs = std::filesystem;

// Adds the sockets that listen on `port` by this table, as descriptors show
// them.
void AddListening(const char* table, uint16_t port,
                  std::vector<std::string>& sockets) {
  std::ifstream file(table);
  const std::string wanted = fmt::format(":{:04X}", port);
  constexpr std::string_view kListening = "0A";
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number, local, remote, state, queues, timer, retransmits;
    std::string user, timeout, inode;
    words >> number >> local >> remote >> state >> queues >> timer >>
        retransmits >> user >> timeout >> inode;
    if (state == kListening && local.ends_with(wanted)) {
      sockets.push_back(fmt::format("socket:[{}]", inode));
    }
  }
}

bool HasOneOf(const fs::path& process,
              const std::vector<std::string>& sockets) {
  std::error_code error;
  fs::directory_iterator entry(process / "fd", error);
  while (!error && entry != fs::directory_iterator()) {
    const fs::path link = fs::read_symlink(entry->path(), error);
    if (!error && std::ranges::count(sockets, link.native()) > 0) return true;
    error.clear();
    entry.increment(error);
  }
  return false;
}

// The value of `option` ("--data=") in the command line of a process.
std::string OptionOf(const fs::path& process, std::string_view option) {
  std::ifstream file(process / "cmdline");
  std::string word;
  while (std::getline(file, word, '\0')) {
    if (word.starts_with(option)) return word.substr(option.size());
  }
  return {};
}

PortOwner Describe(const fs::path& process) {
  std::ifstream comm(process / "comm");
  std::string program;
  std::getline(comm, program);
  const std::string number = process.filename();
  PortOwner owner{fmt::format("process {} ({})", number, program), {}};
  if (program != "caraveld") return owner;
  if (!OptionOf(process, "--serve-fd=").empty()) {
    owner.text = fmt::format("`caravel serve` (process {})", number);
    return owner;
  }
  owner.data_folder = OptionOf(process, "--data=");
  if (!owner.data_folder.empty()) {
    owner.text = fmt::format("the Caravel of {} (process {})",
                             owner.data_folder, number);
  }
  return owner;
}

}  // namespace

PortOwner FindPortOwner(uint16_t port) {
  std::vector<std::string> sockets;
  AddListening("/proc/net/tcp", port, sockets);
  AddListening("/proc/net/tcp6", port, sockets);
  if (sockets.empty()) return {};
  const std::string own = std::to_string(::getpid());
  PortOwner owner;
  PortOwner self;
  std::error_code error;
  fs::directory_iterator entry("/proc", error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos ||
        !HasOneOf(entry->path(), sockets)) {
      continue;
    }
    if (name == own) {
      // Where we have not all, the others are somebody's whom we cannot see.
      const bool has_all =
          std::ranges::all_of(sockets, [&entry](const std::string& socket) {
            return HasOneOf(entry->path(), {socket});
          });
      if (has_all) self = Describe(entry->path());
      continue;
    }
    // A host has the sockets of its caraveld, which says more.
    PortOwner found = Describe(entry->path());
    if (owner.text.empty() || !found.data_folder.empty()) {
      owner = std::move(found);
    }
  }
  return owner.text.empty() ? self : owner;
}

}  // namespace caravel::daemon
