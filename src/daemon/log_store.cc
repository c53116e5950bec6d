#include "daemon/log_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "base/crc32c.h"

namespace caravel::daemon {
namespace {

constexpr std::string_view kPrefix = "events-";
constexpr std::string_view kSuffix = ".log";
constexpr size_t kHeaderBytes = 8;
// What it costs to look at an entry of the index and pass on, as if it were so
// many bytes on disk.
constexpr size_t kLookBytes = 16;
constexpr size_t kLargestRecord = registry::kMaxLogEventBytes;

void PutNumber(uint32_t number, char* place) {
  for (int i = 0; i < 4; ++i) place[i] = static_cast<char>(number >> (8 * i));
}

uint32_t GetNumber(const char* place) {
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) {
    number |= uint32_t{static_cast<unsigned char>(place[i])} << (8 * i);
  }
  return number;
}

// The numbers of the segments in `folder`, oldest first.
std::vector<uint64_t> SegmentNumbers(const std::string& folder) {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    uint64_t number = 0;
    const char* first = name.data() + kPrefix.size();
    const char* last = name.data() + name.size() - kSuffix.size();
    if (std::from_chars(first, last, number).ptr == last) {
      numbers.push_back(number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

Result<std::unique_ptr<LogStore>> LogStore::Open(std::string folder,
                                                 Limits limits,
                                                 const base::Clock& clock,
                                                 base::Log& log) {
  std::unique_ptr<LogStore> store(
      new LogStore(std::move(folder), limits, clock, log));
  CARAVEL_TRY(store->OpenSegments());
  return store;
}

LogStore::~LogStore() = default;

std::string LogStore::PathOf(uint64_t number) const {
  return fmt::format("{}/{}{:08}{}", folder_, kPrefix, number, kSuffix);
}

Status LogStore::OpenSegments() {
  for (const uint64_t number : SegmentNumbers(folder_)) {
    CARAVEL_TRY(ReadSegment(number));
  }
  if (segments_.empty()) CARAVEL_TRY(BeginSegment(1));
  Trim();
  return {};
}

// Indexes the records of a segment; cuts off what is no whole record.
Status LogStore::ReadSegment(uint64_t number) {
  const std::string path = PathOf(number);
  Segment segment;
  segment.number = number;
  segment.file = base::Fd(
      ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  if (!segment.file.valid()) return ErrnoError("open " + path, errno);
  struct stat status = {};
  ::fstat(segment.file.get(), &status);
  segment.newest = base::WallTime(std::chrono::seconds(status.st_mtim.tv_sec));
  CARAVEL_TRY(const std::string bytes,
              base::ReadWholeFile(segment.file, limits_.bytes * 2).In(path));
  size_t at = 0;
  while (bytes.size() - at >= kHeaderBytes) {
    const uint32_t size = GetNumber(bytes.data() + at);
    if (size > bytes.size() - at - kHeaderBytes) break;
    const std::string_view record(bytes.data() + at + kHeaderBytes, size);
    if (base::Crc32c(record) != GetNumber(bytes.data() + at + 4)) break;
    Result<registry::LogEvent> event = base::Decode<registry::LogEvent>(record);
    // A whole record that cannot be read is of another version of this
    // program: it stays until its file goes.
    if (event) {
      entries_.push_back(
          {event->worker, number, at + kHeaderBytes, size, event->time_ms});
    }
    at += kHeaderBytes + size;
  }
  if (at < bytes.size()) {
    log_.Warning("the end of a file of Workers' logs was damaged",
                 {{"file", path}, {"dropped_bytes", bytes.size() - at}});
    if (::ftruncate(segment.file.get(), static_cast<off_t>(at)) != 0) {
      return ErrnoError("truncate " + path, errno);
    }
  }
  segment.bytes = at;
  segments_.push_back(std::move(segment));
  return {};
}

Status LogStore::BeginSegment(uint64_t number) {
  const std::string path = PathOf(number);
  Segment segment;
  segment.number = number;
  segment.newest = clock_.Wall();
  segment.file = base::Fd(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
             0600));
  if (!segment.file.valid()) return ErrnoError("create " + path, errno);
  segments_.push_back(std::move(segment));
  return {};
}

void LogStore::RemoveOldest() {
  const uint64_t number = segments_.front().number;
  ::unlink(PathOf(number).c_str());
  segments_.pop_front();
  while (!entries_.empty() && entries_.front().segment == number) {
    entries_.pop_front();
  }
}

void LogStore::Trim() {
  const base::WallTime oldest = clock_.Wall() - limits_.age;
  while (segments_.size() > 1 &&
         (segments_.size() > kSegments || segments_.front().newest < oldest)) {
    RemoveOldest();
  }
}

void LogStore::Append(const registry::LogEvent& event) {
  Status written = Write(base::Encode(event), event);
  if (written) {
    ++kept_;
    failing_ = false;
  } else {
    ++dropped_;
    if (!std::exchange(failing_, true)) {
      log_.Error("Workers' logs are not kept",
                 {{"reason", written.error().ToText()}});
    }
  }
  const Position position = written ? entries_.back().position() : 0;
  for (const auto& [id, told] : followers_) told(position, event);
}

Status LogStore::Write(std::string_view record,
                       const registry::LogEvent& event) {
  if (record.size() > kLargestRecord) {
    return Error(ErrorCode::kLimit, "an event is too large");
  }
  if (segments_.back().bytes + record.size() > limits_.bytes / kSegments &&
      segments_.back().bytes > 0) {
    CARAVEL_TRY(BeginSegment(segments_.back().number + 1));
  }
  Trim();
  Segment& segment = segments_.back();
  char header[kHeaderBytes];
  PutNumber(static_cast<uint32_t>(record.size()), header);
  PutNumber(base::Crc32c(record), header + 4);
  const iovec parts[] = {{header, sizeof header},
                         {const_cast<char*>(record.data()), record.size()}};
  const ssize_t written = ::writev(segment.file.get(), parts, 2);
  const int error_number = errno;
  const size_t whole = sizeof header + record.size();
  if (written != static_cast<ssize_t>(whole)) {
    // A part of a record would end the file for readers.
    [[maybe_unused]] const int ignored =
        ::ftruncate(segment.file.get(), static_cast<off_t>(segment.bytes));
    return ErrnoError("write " + PathOf(segment.number),
                      written < 0 ? error_number : ENOSPC);
  }
  entries_.push_back({event.worker, segment.number,
                      segment.bytes + kHeaderBytes,
                      static_cast<uint32_t>(record.size()), event.time_ms});
  segment.bytes += whole;
  segment.newest = clock_.Wall();
  return {};
}

Result<registry::LogEvent> LogStore::ReadEntry(const Entry& entry) const {
  for (const Segment& segment : segments_) {
    if (segment.number != entry.segment) continue;
    std::string record(entry.size, '\0');
    if (::pread(segment.file.get(), record.data(), record.size(),
                static_cast<off_t>(entry.offset)) !=
        static_cast<ssize_t>(record.size())) {
      return ErrnoError("read " + PathOf(segment.number), errno);
    }
    return base::Decode<registry::LogEvent>(record);
  }
  return Error(ErrorCode::kNotFound, "the segment is gone");
}

bool LogStore::Look(const Entry& entry, const Wanted& wanted, size_t& left,
                    Page& page) const {
  const registry::LogQuery& query = wanted.query;
  const bool may_be_wanted =
      (!wanted.workers || wanted.workers->contains(entry.worker)) &&
      entry.time_ms >= query.since_ms &&
      (query.until_ms == 0 || entry.time_ms < query.until_ms);
  const size_t cost = may_be_wanted ? entry.size + kLookBytes : kLookBytes;
  if (cost > left && left < kPageBytes) return false;
  left -= std::min<size_t>(cost, left);
  if (may_be_wanted) {
    Result<registry::LogEvent> event = ReadEntry(entry);
    if (event && Matches(query, *event)) {
      page.events.push_back({entry.position(), entry.size, std::move(*event)});
    }
  }
  page.end = entry.position();
  return true;
}

LogStore::Page LogStore::Read(const Wanted& wanted, Position after) const {
  Page page;
  if (after > newest()) after = 0;
  page.end = after;
  page.gap = after != 0 && after >> 32 < segments_.front().number;
  size_t left = kPageBytes;
  for (auto entry =
           std::ranges::upper_bound(entries_, after, {}, &Entry::position);
       entry != entries_.end(); ++entry) {
    if (Look(*entry, wanted, left, page)) continue;
    page.more = true;
    break;
  }
  return page;
}

LogStore::Page LogStore::ReadBack(const Wanted& wanted, Position before,
                                  size_t count) const {
  Page page;
  page.end = before;
  size_t left = kPageBytes;
  auto entry = before == 0 ? entries_.end()
                           : std::ranges::lower_bound(entries_, before, {},
                                                      &Entry::position);
  while (entry != entries_.begin() && !page.more) {
    page.more =
        page.events.size() == count || !Look(*--entry, wanted, left, page);
  }
  return page;
}

LogStore::FollowerId LogStore::Follow(Follower told) {
  followers_[++last_follower_] = std::move(told);
  return last_follower_;
}

}  // namespace caravel::daemon
