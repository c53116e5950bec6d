// /proc/net/tcp gives the socket's inode, and the process is the one that has a
// descriptor "socket:[inode]" (proc(5)). Slow, and only on the way to an error.
#include "daemon/port_owner.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace caravel::daemon {
namespace {

namespace fs = std::filesystem;

// The inode of the socket that listens on `port` by this table; empty: none.
std::string ListeningInode(const char* table, uint16_t port) {
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
    if (state == kListening && local.ends_with(wanted)) return inode;
  }
  return {};
}

bool HasDescriptor(const fs::path& process, const std::string& target) {
  std::error_code error;
  fs::directory_iterator entry(process / "fd", error);
  while (!error && entry != fs::directory_iterator()) {
    const fs::path link = fs::read_symlink(entry->path(), error);
    if (!error && link == target) return true;
    error.clear();
    entry.increment(error);
  }
  return false;
}

}  // namespace

std::string DescribePortOwner(uint16_t port) {
  std::string inode = ListeningInode("/proc/net/tcp", port);
  if (inode.empty()) inode = ListeningInode("/proc/net/tcp6", port);
  if (inode.empty()) return {};
  const std::string target = fmt::format("socket:[{}]", inode);
  std::error_code error;
  fs::directory_iterator entry("/proc", error);
  while (!error && entry != fs::directory_iterator()) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") == std::string::npos &&
        HasDescriptor(entry->path(), target)) {
      std::ifstream comm(entry->path() / "comm");
      std::string program;
      std::getline(comm, program);
      return fmt::format("process {} ({})", name, program);
    }
    entry.increment(error);
  }
  return {};
}

}  // namespace caravel::daemon
