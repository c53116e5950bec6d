#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "registry/host_protocol.h"
#include "registry/log_query.h"

namespace caravel::daemon {

// What Workers logged and threw, kept in files of a folder and bounded by bytes
// and by days: the oldest goes first. Events are appended to the newest of
// kSegments files, LOGS/events-NUMBER.log; when it has its share of the bytes,
// the next is begun and the oldest removed. An index in memory (some 100 bytes
// an event) tells where a Worker's events are.
//
// A record is its length (4 bytes, little-endian), the CRC-32C of what follows,
// and the encoded LogEvent. A record that was half written when the process
// died ends its file: what is behind it is dropped.
//
// Writing is not synced: events survive caraveld, not a loss of power.
//
// Threads: the one that drives the loop.
class LogStore {
 public:
  struct Limits {
    uint64_t bytes = 64 << 20;
    std::chrono::hours age{7 * 24};
  };
  static constexpr size_t kSegments = 8;

  // `folder` exists; `clock` and `log` outlive the store.
  static Result<std::unique_ptr<LogStore>> Open(std::string folder,
                                                Limits limits,
                                                const base::Clock& clock,
                                                base::Log& log);
  ~LogStore();

  void Append(const registry::LogEvent& event);
  // Events that the host lost before they reached caraveld.
  void CountDropped(uint64_t events) { dropped_ += events; }

  // Where an event is among all that were ever kept: greater than those of the
  // events before it, and the same when caraveld is started again. 0 is before
  // all, and that of an event that could not be written.
  using Position = uint64_t;

  // What is looked for.
  struct Wanted {
    std::optional<std::set<registry::WorkerId>> workers = {};  // nothing: all
    registry::LogQuery query = {};
  };

  struct Kept {
    Position position = 0;
    size_t bytes = 0;  // of its record
    registry::LogEvent event;
  };
  // What one call found. Each looks through kPageBytes of events on disk at
  // most, or one event, and through some 32,000 of the index, so that the loop
  // goes on; the next call goes on behind.
  struct Page {
    std::vector<Kept> events;
    Position end = 0;   // nothing up to here has to be asked for again
    bool more = false;  // there may be some behind `end`
    bool gap = false;   // some behind the asked position are gone
  };
  static constexpr size_t kPageBytes = 512 << 10;

  // Events behind `after`, oldest first. A position that is none of this store
  // is taken as 0.
  Page Read(const Wanted& wanted, Position after) const;
  // `count` events before `before` at most, newest first; 0: before none.
  Page ReadBack(const Wanted& wanted, Position before, size_t count) const;

  Position newest() const {
    return entries_.empty() ? 0 : entries_.back().position();
  }

  // Calls `told` for each event from now on, until Unfollow(), which must not
  // be called from within.
  using FollowerId = uint64_t;
  using Follower = std::function<void(Position, const registry::LogEvent&)>;
  FollowerId Follow(Follower told);
  void Unfollow(FollowerId id) { followers_.erase(id); }

  uint64_t kept() const { return kept_; }  // since the start of caraveld
  uint64_t dropped() const { return dropped_; }

 private:
  struct Segment {
    uint64_t number = 0;
    base::Fd file;
    uint64_t bytes = 0;
    base::WallTime newest{};
  };
  struct Entry {
    registry::WorkerId worker;
    uint64_t segment = 0;
    uint64_t offset = 0;
    uint32_t size = 0;
    double time_ms = 0;  // when the event began

    // Offsets are small: a segment is.
    Position position() const { return segment << 32 | offset; }
  };

  LogStore(std::string folder, Limits limits, const base::Clock& clock,
           base::Log& log)
      : folder_(std::move(folder)), limits_(limits), clock_(clock), log_(log) {}

  std::string PathOf(uint64_t number) const;
  Status OpenSegments();
  Status ReadSegment(uint64_t number);
  Status BeginSegment(uint64_t number);
  void RemoveOldest();
  void Trim();
  Status Write(std::string_view record, const registry::LogEvent& event);
  Result<registry::LogEvent> ReadEntry(const Entry& entry) const;
  // Adds the event of `entry` to `page` if it is wanted; `left` are the bytes
  // that may still be read. False: it has to wait for the next page.
  bool Look(const Entry& entry, const Wanted& wanted, size_t& left,
            Page& page) const;

  const std::string folder_;
  const Limits limits_;
  const base::Clock& clock_;
  base::Log& log_;
  std::deque<Segment> segments_;  // oldest first
  std::deque<Entry> entries_;     // oldest first
  std::map<FollowerId, Follower> followers_;
  FollowerId last_follower_ = 0;
  uint64_t kept_ = 0;
  uint64_t dropped_ = 0;
  bool failing_ = false;  // the disk is full: said once
};

}  // namespace caravel::daemon
