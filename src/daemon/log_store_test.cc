#include "daemon/log_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/crc32c.h"
#include "daemon/client/testing/temporary_folder.h"

namespace caravel::daemon {
namespace {

using registry::WorkerId;
using testing::ElementsAre;

registry::LogEvent EventOf(const std::string& worker, const std::string& id) {
  registry::LogEvent event;
  event.worker.value = worker;
  event.request_id = id;
  return event;
}

class LogStoreTest : public testing::Test {
 protected:
  std::unique_ptr<LogStore> Open(LogStore::Limits limits = {}) {
    return LogStore::Open(folder_.path(), limits, clock_, log_).value();
  }

  static std::vector<std::string> IdsOf(const LogStore::Page& page) {
    std::vector<std::string> ids;
    for (const LogStore::Kept& kept : page.events) {
      ids.push_back(kept.event.request_id);
    }
    return ids;
  }

  static std::vector<std::string> Ids(const LogStore& store,
                                      const LogStore::Wanted& wanted = {}) {
    std::vector<std::string> ids;
    LogStore::Page page;
    do {
      page = store.Read(wanted, page.end);
      std::ranges::move(IdsOf(page), std::back_inserter(ids));
    } while (page.more);
    return ids;
  }

  // The last `count`, newest first.
  static std::vector<std::string> LastIds(const LogStore& store,
                                          const LogStore::Wanted& wanted,
                                          size_t count) {
    std::vector<std::string> ids;
    LogStore::Page page;
    do {
      page = store.ReadBack(wanted, page.end, count - ids.size());
      std::ranges::move(IdsOf(page), std::back_inserter(ids));
    } while (page.more && ids.size() < count);
    return ids;
  }

  uint64_t BytesOnDisk() const {
    uint64_t bytes = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.path())) {
      bytes += entry.file_size();
    }
    return bytes;
  }

  testing_support::TemporaryFolder folder_;
  base::FakeClock clock_{std::chrono::system_clock::now()};
  base::NullLog log_;
};

TEST_F(LogStoreTest, GivesTheLastEventsNewestFirst) {
  const auto store = Open();
  for (const char* id : {"1", "2", "3"}) store->Append(EventOf("a", id));
  EXPECT_THAT(LastIds(*store, {}, 2), ElementsAre("3", "2"));
  EXPECT_THAT(LastIds(*store, {}, 7), ElementsAre("3", "2", "1"));
  const LogStore::Page page = store->ReadBack({}, 0, 1);
  EXPECT_TRUE(page.more);
  EXPECT_THAT(IdsOf(store->ReadBack({}, page.end, 1)), ElementsAre("2"));
  EXPECT_FALSE(store->ReadBack({}, 0, 3).more) << "there are no others";
}

TEST_F(LogStoreTest, GivesOneWorkersEvents) {
  const auto store = Open();
  store->Append(EventOf("a", "1"));
  store->Append(EventOf("b", "2"));
  store->Append(EventOf("a", "3"));
  const LogStore::Wanted wanted{.workers = {{WorkerId{"a"}}}};
  EXPECT_THAT(Ids(*store, wanted), ElementsAre("1", "3"));
  EXPECT_THAT(LastIds(*store, wanted, 2), ElementsAre("3", "1"));
  EXPECT_TRUE(Ids(*store, {.workers = {{}}}).empty()) << "of no Worker";
}

TEST_F(LogStoreTest, GivesWhatMeetsTheConditionsThoughItLiesPagesApart) {
  const auto store = Open();
  constexpr int kEvents = 400;  // of 8 KB each
  for (int i = 0; i < kEvents; ++i) {
    registry::LogEvent event = EventOf("a", std::to_string(i));
    event.url.resize(8 << 10, 'x');
    event.time_ms = i;
    if (i % 100 == 50) event.outcome = "exception";
    store->Append(event);
  }
  const LogStore::Wanted failed{.query = {.outcomes = {"exception"}}};
  EXPECT_THAT(Ids(*store, failed), ElementsAre("50", "150", "250", "350"));
  EXPECT_THAT(LastIds(*store, failed, 3), ElementsAre("350", "250", "150"));
  const LogStore::Page first = store->Read(failed, 0);
  EXPECT_TRUE(first.more) << "looked through too much at once";
  const LogStore::Wanted early{.query = {.since_ms = 98, .until_ms = 101}};
  EXPECT_THAT(Ids(*store, early), ElementsAre("98", "99", "100"));
  EXPECT_THAT(LastIds(*store, early, 2), ElementsAre("100", "99"));
}

TEST_F(LogStoreTest, LooksThroughAPartOfTheIndexAtATime) {
  const auto store = Open();
  constexpr size_t kEvents = LogStore::kPageBytes / 16 + 2;
  store->Append(EventOf("mine", "1"));
  for (size_t i = 0; i < kEvents; ++i) store->Append(EventOf("other", ""));
  const LogStore::Wanted mine{.workers = {{WorkerId{"mine"}}}};
  const LogStore::Page first = store->ReadBack(mine, 0, 1);
  EXPECT_TRUE(first.events.empty());
  EXPECT_TRUE(first.more);
  EXPECT_THAT(LastIds(*store, mine, 1), ElementsAre("1"));
}

TEST_F(LogStoreTest, KnowsTheTimesOfEventsWhenOpenedAgain) {
  {
    const auto store = Open();
    for (const double time : {1, 2, 3}) {
      registry::LogEvent event = EventOf("a", fmt::format("{}", time));
      event.time_ms = time;
      store->Append(event);
    }
  }
  EXPECT_THAT(Ids(*Open(), {.query = {.since_ms = 2, .until_ms = 3}}),
              ElementsAre("2"));
}

TEST_F(LogStoreTest, GoesOnBehindAnyPositionAlsoWhenOpenedAgain) {
  std::vector<LogStore::Position> positions;
  {
    const auto store = Open();
    store->Follow([&](LogStore::Position position, const registry::LogEvent&) {
      positions.push_back(position);
    });
    for (const char* id : {"1", "2", "3"}) store->Append(EventOf("a", id));
  }
  const auto again = Open();
  again->Append(EventOf("a", "4"));
  EXPECT_THAT(IdsOf(again->Read({}, positions[0])), ElementsAre("2", "3", "4"));
  EXPECT_THAT(IdsOf(again->Read({}, positions[2])), ElementsAre("4"));
  const LogStore::Position newest = again->Read({}, 0).end;
  EXPECT_TRUE(again->Read({}, newest).events.empty());
  EXPECT_THAT(IdsOf(again->Read({}, newest + 1)),
              ElementsAre("1", "2", "3", "4"))
      << "a position of another store";
}

TEST_F(LogStoreTest, GivesNoMoreThanAPageAtATime) {
  const auto store = Open();
  registry::LogEvent large = EventOf("a", "1");
  large.url.resize(LogStore::kPageBytes * 2 / 5);
  for (int i = 0; i < 5; ++i) store->Append(large);
  EXPECT_EQ(store->Read({}, 0).events.size(), 2U);
  EXPECT_EQ(Ids(*store).size(), 5U);
  large.url.resize(LogStore::kPageBytes + 1);
  store->Append(large);
  EXPECT_EQ(Ids(*store).size(), 6U) << "one that is a page by itself";
}

TEST_F(LogStoreTest, SaysWhenEventsAreGoneBeforeTheyWereRead) {
  const auto store = Open({.bytes = 64 * 1024});
  store->Append(EventOf("a", "first"));
  const LogStore::Position first = store->Read({}, 0).end;
  store->Append(EventOf("a", "second"));
  EXPECT_FALSE(store->Read({}, first).gap);
  for (int i = 0; i < 5000; ++i) store->Append(EventOf("a", "further"));
  EXPECT_TRUE(store->Read({}, first).gap);
  EXPECT_FALSE(store->Read({}, 0).gap) << "nothing was read before";
}

TEST_F(LogStoreTest, KeepsEventsWhenCaraveldIsKilled) {
  Open()->Append(EventOf("a", "1"));
  const auto again = Open();
  again->Append(EventOf("a", "2"));
  EXPECT_THAT(Ids(*again), ElementsAre("1", "2"));
}

TEST_F(LogStoreTest, DropsARecordThatWasHalfWrittenAndGoesOn) {
  Open()->Append(EventOf("a", "1"));
  {
    std::ofstream file(folder_.path("events-00000001.log"),
                       std::ios::binary | std::ios::app);
    file << std::string("\x40\0\0\0half", 8);
  }
  const auto again = Open();
  again->Append(EventOf("a", "2"));
  EXPECT_THAT(Ids(*again), ElementsAre("1", "2"));
  EXPECT_THAT(Ids(*Open()), ElementsAre("1", "2"));
}

TEST_F(LogStoreTest, PassesOverAWholeRecordThatItCannotRead) {
  Open()->Append(EventOf("a", "1"));
  {
    // As a program writes it whose events have other fields.
    const std::string record = "?";
    const auto number = [](uint32_t value) {
      return std::string(reinterpret_cast<const char*>(&value), sizeof value);
    };
    std::ofstream file(folder_.path("events-00000001.log"),
                       std::ios::app | std::ios::binary);
    file << number(static_cast<uint32_t>(record.size()))
         << number(base::Crc32c(record)) << record;
  }
  const uint64_t bytes = BytesOnDisk();
  const auto store = Open();
  EXPECT_EQ(BytesOnDisk(), bytes);
  store->Append(EventOf("a", "2"));
  EXPECT_THAT(Ids(*store), ElementsAre("1", "2"));
}

TEST_F(LogStoreTest, DropsWhatIsBehindADamagedRecord) {
  {
    const auto store = Open();
    for (const char* id : {"1", "2", "3"}) store->Append(EventOf("a", id));
  }
  const std::string path = folder_.path("events-00000001.log");
  const auto size = std::filesystem::file_size(path);
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(size / 2));
    file.put('\xFF');
  }
  EXPECT_THAT(Ids(*Open()), ElementsAre("1"));
}

TEST_F(LogStoreTest, TakesNoMoreBytesThanItMay) {
  constexpr uint64_t kLimit = 64 * 1024;
  const auto store = Open({.bytes = kLimit});
  for (int i = 0; i < 5000; ++i) {
    store->Append(EventOf("a", std::to_string(i)));
  }
  EXPECT_LE(BytesOnDisk(), kLimit);
  EXPECT_GE(BytesOnDisk(), kLimit / 2);
  EXPECT_EQ(Ids(*store).back(), "4999");
}

TEST_F(LogStoreTest, DropsWhatIsTooOld) {
  const auto store = Open({.bytes = 8 * 64, .age = std::chrono::hours(1)});
  for (const char* id : {"1", "2"}) store->Append(EventOf("a", id));
  clock_.Advance(std::chrono::hours(2));
  for (const char* id : {"3", "4"}) store->Append(EventOf("a", id));
  const std::vector<std::string> ids = Ids(*store);
  EXPECT_THAT(ids, testing::Not(testing::Contains("1")));
  EXPECT_THAT(ids, testing::Contains("4"));
}

TEST_F(LogStoreTest, TellsFollowersUntilTheyLeave) {
  const auto store = Open();
  std::vector<std::string> told;
  const LogStore::FollowerId follower =
      store->Follow([&](LogStore::Position, const registry::LogEvent& event) {
        told.push_back(event.request_id);
      });
  store->Append(EventOf("a", "1"));
  store->Unfollow(follower);
  store->Append(EventOf("a", "2"));
  EXPECT_THAT(told, ElementsAre("1"));
}

}  // namespace
}  // namespace caravel::daemon
