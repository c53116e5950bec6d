#include "daemon/kv_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "daemon/testing/fake_host_port.h"
#include "daemon/testing/published_values.h"
#include "storage/disk_blobs.h"
#include "storage/testing/new_sqlite.h"
#include "storage/testing/temp_folder.h"

namespace caravel::daemon {
namespace {

using registry::KvAnswer;
using registry::KvQuestion;
using registry::KvVerb;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

registry::PublishedWorker Bound(const std::string& name,
                                const std::string& version,
                                const std::string& space) {
  registry::PublishedWorker worker = WorkerAt(name, version);
  worker.account = {"account of " + name};
  worker.versions[0].bindings = {
      {"TEXT", registry::BindingType::kPlainText, space},
      {"KV", registry::BindingType::kKvNamespace, space}};
  return worker;
}

class KvDeskTest : public testing::Test {
 protected:
  KvDeskTest() : KvDeskTest(KvDesk::kMemory) {}
  explicit KvDeskTest(size_t memory)
      : desk_(
            *loop_, clock_, log_, state_, store_.get(),
            [this](const std::string& host, const registry::ToHost& answer,
                   std::vector<base::Fd> fds) {
              EXPECT_EQ(host, "h1");
              host_.Send(answer, std::move(fds));
            },
            memory) {
    state_.Load(
        {registry::Sequence{1},
         {Bound("mine", "v1", "space1"), Bound("other", "v2", "space2")}});
    desk_.Join(host_);
    desk_.Open();
    clock_.Advance(KvLeases::kLease);
  }
  ~KvDeskTest() override { desk_.OnHostLeft(host_); }

  static KvQuestion Put(std::string key, std::string value) {
    KvQuestion question;
    question.verb = KvVerb::kPut;
    question.keys = {std::move(key)};
    question.value = std::move(value);
    return question;
  }
  static KvQuestion Get(std::string key) {
    KvQuestion question;
    question.keys = {std::move(key)};
    return question;
  }

  void Send(registry::AskKv ask, std::vector<base::Fd> fds = {}) {
    ask.request = ++request_;
    desk_.Answer(host_, ask, std::move(fds));
  }
  // Until the latest question is answered.
  const registry::KvAnswered& Answered() {
    while (true) {
      for (const auto* answered : host_.SentOf<registry::KvAnswered>()) {
        if (answered->request == request_) return *answered;
      }
      loop_->Poll(std::chrono::milliseconds(1));
    }
  }
  KvAnswer AnswerTo(const KvQuestion& question,
                    const std::string& binding = "KV",
                    const std::string& worker = "mine",
                    const std::string& version = "v1") {
    Send({.request = 0,
          .worker = {worker},
          .version = {version},
          .binding = binding,
          .question = base::Encode(question)});
    return Read(Answered());
  }
  KvAnswer Read(const registry::KvAnswered& answered) {
    std::string bytes = answered.answer;
    if (bytes.empty()) {
      bytes =
          base::ReadWholeFile(host_.sent.back().fds.at(0), 64 << 20).value();
    }
    return base::Decode<KvAnswer>(bytes).value();
  }

  storage::TempFolder folder_;
  storage::SystemFiles files_;
  base::FakeClock clock_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  storage::TestDatabase ground_ = storage::NewSqlite();
  std::unique_ptr<storage::DiskBlobs> blobs_ =
      storage::DiskBlobs::Open(folder_.path() + "/kv", files_).value();
  std::unique_ptr<storage::KvStore> store_ =
      storage::KvStore::Open(*ground_.database, *ground_.database, *blobs_,
                             clock_)
          .value();
  PublishedState state_;
  FakeHostPort host_{"h1"};
  uint64_t request_ = 0;
  KvDesk desk_;
};

TEST_F(KvDeskTest, WhatIsPutIsFoundInTheNamespaceOfTheBinding) {
  EXPECT_EQ(AnswerTo(Put("k", "v")).error, "");
  const KvAnswer found = AnswerTo(Get("k"));
  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_TRUE(found.items[0].found);
  EXPECT_EQ(found.items[0].value, "v");
  EXPECT_EQ(store_->Get("space1", "k").value()->value.bytes, "v");
  const KvAnswer other = AnswerTo(Get("k"), "KV", "other", "v2");
  EXPECT_FALSE(other.items[0].found);
}

TEST_F(KvDeskTest, AHostMayAskOnlyForBindingsOfWhatIsPublished) {
  for (const auto& [binding, worker, version] :
       {std::tuple("NONE", "mine", "v1"), std::tuple("TEXT", "mine", "v1"),
        std::tuple("KV", "mine", "v2"), std::tuple("KV", "nobody", "v1")}) {
    const KvAnswer answer = AnswerTo(Get("k"), binding, worker, version);
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.error, "Forbidden: there is no such binding");
    EXPECT_THAT(answer.items, IsEmpty());
  }
}

TEST_F(KvDeskTest, WhatIsNoQuestionIsRefused) {
  Send({.request = 0,
        .worker = {"mine"},
        .version = {"v1"},
        .binding = "KV",
        .question = "\xFF\xFF\xFF"});
  EXPECT_EQ(Read(Answered()).status, 400);
  Send({.request = 0,
        .worker = {"mine"},
        .version = {"v1"},
        .binding = "KV",
        .question = ""});
  EXPECT_EQ(Read(Answered()).status, 400);
  std::vector<base::Fd> fds;
  fds.push_back(base::SealedMemoryFile("x", "\xFF\xFF").value());
  Send({.request = 0,
        .worker = {"mine"},
        .version = {"v1"},
        .binding = "KV",
        .question = ""},
       std::move(fds));
  EXPECT_EQ(Read(Answered()).status, 400);
}

TEST_F(KvDeskTest, WhatIsBeyondTheLimitsIsRefused) {
  KvQuestion many = Get("k");
  many.keys.assign(101, "k");
  many.verb = KvVerb::kGetMany;
  KvQuestion two = Get("k");
  two.keys = {"a", "b"};
  KvQuestion none = Get("k");
  none.keys.clear();
  KvQuestion list = Get("");
  list.verb = KvVerb::kList;
  KvQuestion metadata = Put("k", "v");
  metadata.metadata = std::string(1025, 'm');
  KvQuestion late = Put("k", "v");
  late.expiration = 9'000'000'001;
  KvQuestion behind = list;
  behind.limit = 1;
  behind.after = std::string(513, 'k');
  for (const KvQuestion& question :
       {many, two, none, list, metadata, late, behind, Get(""), Get(".."),
        Get(std::string(513, 'k')), Get("\xFF")}) {
    EXPECT_EQ(AnswerTo(question).status, 400);
  }
}

TEST_F(KvDeskTest, LargeValuesTravelAsDescriptors) {
  const std::string large(1 << 20, 'x');
  std::vector<base::Fd> fds;
  fds.push_back(
      base::SealedMemoryFile("kv", base::Encode(Put("k", large))).value());
  Send({.request = 0,
        .worker = {"mine"},
        .version = {"v1"},
        .binding = "KV",
        .question = ""},
       std::move(fds));
  EXPECT_EQ(Read(Answered()).error, "");
  EXPECT_EQ(AnswerTo(Get("k")).items[0].value, large);
  EXPECT_EQ(Answered().answer, "");
}

// With room for a megabyte.
class SmallKvDeskTest : public KvDeskTest {
 protected:
  SmallKvDeskTest() : KvDeskTest(1 << 20) {}

  void SendLarge(const KvQuestion& question) {
    std::vector<base::Fd> fds;
    fds.push_back(base::SealedMemoryFile("kv", base::Encode(question)).value());
    Send({.request = 0,
          .worker = {"mine"},
          .version = {"v1"},
          .binding = "KV",
          .question = ""},
         std::move(fds));
  }

  static constexpr std::string_view kTooMany =
      "Too Many Requests: too much is under way";
};

TEST_F(SmallKvDeskTest, AnAnswerCountsForItsAccountUntilTheHostHasReadIt) {
  const std::string large(400 << 10, 'x');
  AnswerTo(Put("k", large));
  AnswerTo(Put("k", large), "KV", "other", "v2");
  EXPECT_EQ(AnswerTo(Get("k")).items[0].value, large);
  const KvAnswer refused = AnswerTo(Get("k"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.error, kTooMany);
  EXPECT_FALSE(Answered().may_keep);
  EXPECT_EQ(AnswerTo(Get("k"), "KV", "other", "v2").items[0].value, large);
  host_.sent.clear();
  for (KvAnswer answer = refused; answer.status != 200;) {
    answer = AnswerTo(Get("k"));
  }
}

TEST_F(SmallKvDeskTest, ALargeQuestionCountsUntilItIsAnswered) {
  const KvQuestion put = Put("k", std::string(600 << 10, 'x'));
  SendLarge(put);
  const uint64_t first = request_;
  SendLarge(put);
  const KvAnswer refused = Read(Answered());
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.error, kTooMany);
  request_ = first;
  EXPECT_EQ(Read(Answered()).error, "");
  request_ += 2;
  do {
    SendLarge(put);
  } while (Read(Answered()).status == 429);
}

TEST_F(KvDeskTest, KeysAreListedAndManyAreRead) {
  for (const char* key : {"a", "b", "c"}) AnswerTo(Put(key, key));
  KvQuestion list = Get("");
  list.verb = KvVerb::kList;
  list.after = "a";
  list.limit = 1;
  const KvAnswer listed = AnswerTo(list);
  ASSERT_EQ(listed.items.size(), 1U);
  EXPECT_EQ(listed.items[0].key, "b");
  EXPECT_FALSE(listed.complete);
  KvQuestion many = Get("c");
  many.verb = KvVerb::kGetMany;
  many.keys = {"c", "absent"};
  const KvAnswer read = AnswerTo(many);
  ASSERT_EQ(read.items.size(), 2U);
  EXPECT_EQ(read.items[0].value, "c");
  EXPECT_FALSE(read.items[1].found);
}

TEST_F(KvDeskTest, APutIsAnsweredOnceTheHostHasDroppedWhatItHad) {
  AnswerTo(Get("k"));  // that there is none is kept too
  EXPECT_TRUE(Answered().may_keep);
  Send({.request = 0,
        .worker = {"mine"},
        .version = {"v1"},
        .binding = "KV",
        .question = base::Encode(Put("k", "v"))});
  while (host_.SentOf<registry::DropKv>().empty()) {
    loop_->Poll(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(host_.SentOf<registry::KvAnswered>().size(), 1U);
  desk_.OnDropped(host_, host_.SentOf<registry::DropKv>().back()->number);
  EXPECT_EQ(Read(Answered()).error, "");
}

TEST_F(KvDeskTest, AChangeByTheApiWaitsForHostsToo) {
  AnswerTo(Get("k"));
  std::atomic<bool> told = false;
  std::thread api([&] {
    desk_.Changed({{"space1", "k"}});
    told = true;
  });
  while (host_.SentOf<registry::DropKv>().empty()) {
    loop_->Poll(std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(told);
  desk_.OnDropped(host_, 1);
  api.join();
  EXPECT_TRUE(told);
}

TEST_F(KvDeskTest, ANamespaceThatIsDeletedWaitsForHostsToo) {
  AnswerTo(Get("k"));
  std::thread api([&] { desk_.Changed({{"space1", ""}}); });
  while (host_.SentOf<registry::DropKv>().empty()) {
    loop_->Poll(std::chrono::milliseconds(1));
  }
  desk_.OnDropped(host_, 1);
  api.join();
}

TEST_F(KvDeskTest, ANamespaceThatWasDeletedTakesNothing) {
  ASSERT_TRUE(
      ground_.database->Transact([&](storage::Transaction& transaction) {
        return store_->Drop(transaction, "space1");
      }));
  const KvAnswer answer = AnswerTo(Put("k", "v"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.error, HasSubstr("the namespace was deleted"));
}

TEST_F(KvDeskTest, WithoutADatabaseItSaysSoUntilThereIsOne) {
  KvDesk desk(*loop_, clock_, log_, state_, nullptr,
              [this](const std::string&, const registry::ToHost& answer,
                     std::vector<base::Fd> fds) {
                host_.Send(answer, std::move(fds));
              });
  desk.Open();
  const auto status = [&] {
    desk.Answer(host_,
                {.request = ++request_,
                 .worker = {"mine"},
                 .version = {"v1"},
                 .binding = "KV",
                 .question = base::Encode(Get("k"))},
                {});
    return Read(Answered()).status;
  };
  EXPECT_EQ(status(), 503);
  desk.Use(*store_);
  EXPECT_EQ(status(), 200);
}

}  // namespace
}  // namespace caravel::daemon
