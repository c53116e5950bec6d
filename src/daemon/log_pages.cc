#include "daemon/log_pages.h"

#include <algorithm>
#include <utility>

#include "base/codec.h"
#include "base/utf8.h"
#include "control/tail_event.h"

namespace caravel::daemon {

namespace {

// Of an event that is cut. Eight exceptions and its own texts then take at most
// half of a packet, and lines the rest.
constexpr size_t kShownNameBytes = 128;
constexpr size_t kMostTextBytes = 2 << 10;
constexpr size_t kShownExceptions = 8;
constexpr size_t kMostLineBytes = 4 << 10;

void Cut(std::string& text, size_t bytes) {
  if (text.size() <= bytes) return;
  const size_t all = text.size();
  text.resize(base::Utf8Prefix(text, bytes).size());
  text += fmt::format("… ({} bytes)", all);
}

void CutLine(registry::LogLine& line) {
  if (!line.text.empty()) {
    Cut(line.text, kMostLineBytes);
    line.message.clear();  // nobody reads both
    return;
  }
  if (line.message.size() <= kMostLineBytes) return;
  // No JSON any more: shown as it is.
  Cut(line.message, kMostLineBytes);
}

// Short from a host that nobody has got hold of.
void CutNames(registry::LogEvent& event) {
  for (std::string* name :
       {&event.worker.value, &event.version.value, &event.method,
        &event.outcome, &event.request_id, &event.kind, &event.entrypoint,
        &event.rpc_method, &event.cron}) {
    Cut(*name, kShownNameBytes);
  }
}

// A line's message, which is JSON. Empty where nothing is left out.
std::string LeftOut(size_t exceptions, size_t lines) {
  if (exceptions == 0 && lines == 0) return {};
  std::string what;
  if (exceptions > 0) what = fmt::format("{} more exceptions", exceptions);
  if (lines > 0) {
    what += fmt::format("{}{} more lines", what.empty() ? "" : " and ", lines);
  }
  return fmt::format(R"(["… {} are left out: of one event 64 KB are shown"])",
                     what);
}

// True: something was cut from the entry, which fits now.
bool CutToPacket(LogEntry& entry) {
  if (EncodeFromAdmin(entry).bytes.size() <= net::kMaxPacketBytes) return false;
  registry::LogEvent& cut = entry.event;
  Cut(cut.url, kMostTextBytes);
  CutNames(cut);
  const size_t exceptions = cut.exceptions.size();
  if (cut.exceptions.size() > kShownExceptions) {
    cut.exceptions.resize(kShownExceptions);
  }
  for (registry::ExceptionRecord& exception : cut.exceptions) {
    Cut(exception.name, kShownNameBytes);
    Cut(exception.message, kMostTextBytes / 2);
    Cut(exception.stack, kMostTextBytes);
  }
  std::vector<registry::LogLine> lines = std::exchange(cut.logs, {});
  // Room for what tells of the lines that are left out.
  constexpr size_t kRoom = net::kMaxPacketBytes - 512;
  size_t used = EncodeFromAdmin(entry).bytes.size();
  for (registry::LogLine& line : lines) {
    CutLine(line);
    const size_t size = base::Encode(line).size() + 8;
    if (used + size > kRoom) break;
    used += size;
    cut.logs.push_back(std::move(line));
  }
  const std::string left_out = LeftOut(exceptions - cut.exceptions.size(),
                                       lines.size() - cut.logs.size());
  if (!left_out.empty()) {
    cut.logs.push_back(
        {.level = "warn", .message = left_out, .time_ms = cut.time_ms});
  }
  return true;
}

template <typename Question>
bool IsAbout(const Question& question,
             const registry::PublishedWorker& worker) {
  return (question.worker.empty() || question.worker == worker.name) &&
         (question.account.empty() || question.account == worker.account.value);
}

}  // namespace

net::Packet LogEntryPacket(std::string worker, registry::LogEvent event,
                           LogStore::Position position) {
  LogEntry entry{std::move(worker), std::move(event), position};
  CutToPacket(entry);
  return EncodeFromAdmin(entry);
}

net::Packet LogJsonPacket(const std::string& worker, registry::LogEvent event,
                          LogStore::Position position) {
  LogEntry cut{worker, std::move(event), position};
  bool is_cut = CutToPacket(cut);
  const api::TailedRequest nothing;  // what is kept has no fields of requests
  LogEntry entry{.worker = worker, .event = {}, .position = position};
  while (true) {
    entry.json = api::TailEventJson(worker, cut.event, nothing, is_cut);
    net::Packet packet = EncodeFromAdmin(entry);
    if (packet.bytes.size() <= net::kMaxPacketBytes) return packet;
    // JSON writes some characters with six.
    is_cut = true;
    if (!cut.event.logs.empty()) {
      cut.event.logs.resize(cut.event.logs.size() / 2);
    } else if (!cut.event.exceptions.empty()) {
      cut.event.exceptions.resize(cut.event.exceptions.size() / 2);
    } else {
      cut.event.url.clear();
      CutNames(cut.event);
    }
  }
}

LogPages::LogPages(LogStore& store, const PublishedState& state, Send send)
    : store_(store),
      state_(state),
      send_(std::move(send)),
      follower_(store.Follow(
          [this](LogStore::Position position, const registry::LogEvent& event) {
            OnEvent(position, event);
          })) {}

template <typename Question>
std::optional<LogStore::Wanted> LogPages::WantedOf(const Question& question) {
  LogStore::Wanted wanted{.query = question.query};
  if (question.worker.empty() && question.account.empty()) return wanted;
  wanted.workers.emplace();
  for (const auto& [id, published] : state_.workers()) {
    if (IsAbout(question, published)) wanted.workers->insert(id);
  }
  if (question.worker.empty() || !wanted.workers->empty()) return wanted;
  send_(EncodeFromAdmin(
      Refused{fmt::format("Worker \"{}\" is not deployed", question.worker),
              "./caravel status lists the Workers"}));
  return std::nullopt;
}

void LogPages::Answer(const FindLogs& question) {
  const std::optional<LogStore::Wanted> wanted = WantedOf(question);
  if (!wanted) return;
  const LogStore::Page page =
      store_.ReadBack(*wanted, question.before, question.count);
  const auto count = static_cast<uint32_t>(page.events.size());
  LogsFound found{.count = count,
                  .more = page.more && count < question.count,
                  .before = page.end};
  if (count == question.count) {
    found.after = count == 0 ? store_.newest() : page.end - 1;
  }
  send_(EncodeFromAdmin(found));
}

void LogPages::Answer(const AskLogs& question) {
  waiting_.reset();
  const std::optional<LogStore::Wanted> wanted = WantedOf(question);
  if (!wanted) return;
  LogStore::Page page = store_.Read(*wanted, question.after);
  if (question.wait && page.events.empty() && !page.more) {
    waiting_ = question;
    waiting_->after = page.end;
    return;
  }
  for (LogStore::Kept& kept : page.events) {
    SendEntry(kept.position, std::move(kept.event), question.json);
  }
  send_(EncodeFromAdmin(LogsSent{.dropped = store_.dropped(),
                                 .end = page.end,
                                 .more = page.more,
                                 .gap = page.gap}));
}

void LogPages::OnEvent(LogStore::Position position,
                       const registry::LogEvent& event) {
  if (!waiting_) return;
  if (!waiting_->worker.empty() || !waiting_->account.empty()) {
    const auto found = state_.workers().find(event.worker);
    if (found == state_.workers().end() || !IsAbout(*waiting_, found->second)) {
      return;
    }
  }
  if (!Matches(waiting_->query, event)) return;
  const AskLogs question = *std::exchange(waiting_, std::nullopt);
  if (position != 0) return Answer(question);
  // A full disk is no reason to hide what happens now.
  SendEntry(position, event, question.json);
  send_(EncodeFromAdmin(
      LogsSent{.dropped = store_.dropped(), .end = question.after}));
}

void LogPages::SendEntry(LogStore::Position position, registry::LogEvent event,
                         bool json) {
  std::string name = state_.NameOf(event.worker);
  send_(json ? LogJsonPacket(name, std::move(event), position)
             : LogEntryPacket(std::move(name), std::move(event), position));
}

}  // namespace caravel::daemon
