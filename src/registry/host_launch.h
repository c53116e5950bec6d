#pragma once

#include <string>
#include <vector>

// How caraveld starts a host: the contract between daemon/supervisor.cc, which
// starts it, and host/host.cjs with host/addon.cc, which are started.
namespace caravel::registry {

// Descriptors that a host inherits, beside 0 (/dev/null), 1 and 2 (its log).
inline constexpr int kHostSocketFd =
    3;                                // listening unix socket, SOCK_SEQPACKET
inline constexpr int kHostKeyFd = 4;  // pipe: the key of DaemonHello, then end

// Files of an installation that a host is started from.
struct HostFiles {
  std::string node;      // the Node binary
  std::string script;    // host.cjs: loads the addon, then sleeps
  std::string addon;     // caravel_host.node
  std::string snapshot;  // startup snapshot of the platform
  std::string lazy;      // folder of the lazily loaded modules of the platform
};

// How a host writes its own log, in the words of caraveld's configuration.
struct HostLog {
  std::string level = "info";
  std::string format = "text";
};

// How a host takes requests in.
struct HostEdge {
  std::string place = "LOC";    // the end of each request's CF-Ray
  std::string trusted_proxies;  // "10.0.0.0/8,::1/128": who may say in
                                // X-Forwarded-For who the client is
  // Of `serve`: requests come from who writes the code.
  bool is_local = false;
};

// The command line. The working directory of the host is its data folder, the
// only place that it can still write to once it serves.
inline std::vector<std::string> HostCommand(const HostFiles& files,
                                            unsigned shards, const HostLog& log,
                                            const HostEdge& edge) {
  return {files.node,
          // Else V8 takes Node's own snapshot for our isolates.
          "--no-node-snapshot",
          // Loop unrolling drops interrupt checks: a loop could not be ended.
          "--no-turboshaft-loop-unrolling",
          // 128 MB, as much as an isolate may hold of all kinds.
          "--wasm-max-mem-pages=2048", files.script, files.addon,
          files.snapshot, files.lazy, std::to_string(shards), log.level,
          log.format, edge.place, edge.trusted_proxies,
          edge.is_local ? "local" : ""};
}

// All that a host finds in its environment: ours is none of a tenant's concern.
inline std::vector<std::string> HostEnvironment() {
  return {
      "TZ=UTC",
      // A round of a shard frees at once what each of its requests took. Each
      // thread keeps 128 blocks of a size, up to 1 KB, for the next, where the
      // C library would keep 7 and look the others up slowly: at most 4.4 MB a
      // thread, of which it has what was in use at once before.
      "GLIBC_TUNABLES=glibc.malloc.tcache_count=128",
  };
}

}  // namespace caravel::registry
