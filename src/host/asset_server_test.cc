#include "host/asset_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/clock.h"
#include "net/scripted_asker.h"

namespace caravel::host {
namespace {

using ::testing::HasSubstr;

constexpr size_t kLargeSize = 300'000;

std::string Large() {
  std::string text;
  for (size_t i = 0; text.size() < kLargeSize; ++i) {
    text += fmt::format("{} ", i);
  }
  text.resize(kLargeSize);
  return text;
}

// caraveld, which opens when it is told to.
class FakeOpener final : public AssetOpener {
 public:
  FakeOpener() {
    registry::Asset small = {
        .path = "/small.txt", .type = "text/plain", .forms = {}};
    small.forms[0] = {std::string(64, 'a'), 5};
    registry::Asset large = {.path = "/large", .type = "", .forms = {}};
    large.forms[0] = {std::string(64, 'b'), kLargeSize};
    registry::Asset empty = {.path = "/empty", .type = "", .forms = {}};
    empty.forms[0] = {std::string(64, 'c'), 0};
    registry::AssetConfig config;
    config.redirects = {{"/slow/:a:b:c:d:e!", "/", 302}};
    list = registry::WriteAssetList(config, {small, large, empty}).value();
  }

  void OpenAssets(registry::WorkerId, registry::VersionId, Done done) override {
    waiting.push_back([this, done] {
      if (lost) return done(Error(ErrorCode::kUnavailable, "it is away"));
      done(base::SealedMemoryFile("list", list));
    });
  }
  void OpenAsset(registry::WorkerId, registry::VersionId, uint32_t index,
                 registry::AssetCoding, Done done) override {
    ++contents;
    waiting.push_back([this, index, done] {
      if (lost) return done(Error(ErrorCode::kUnavailable, "it is away"));
      done(base::SealedMemoryFile("content", index == 1 ? Large() : "hello"));
    });
  }

  std::string list;
  std::deque<std::function<void()>> waiting;
  bool lost = false;
  int contents = 0;
};

// A Worker that answers with its path, in a step of its own.
class FakeWorker final : public AssetServer::Owner, private net::Answerer {
 public:
  net::Answerer& StartWorker(net::RequestHead& head,
                             net::Asker& asker) override {
    target = head.target;
    asker_ = &asker;
    return *this;
  }
  void CountAsset() override { ++assets; }
  ErrorAnswer RulesExceeded(const registry::WorkerId& worker,
                            const registry::VersionId& version,
                            const net::RequestHead& head) override {
    exceeded = fmt::format("{} {} {}", worker.value, version.value,
                           head.target.substr(0, 6));
    return WorkerError(1102, "0123456789abcdef");
  }

  void Answer() {
    net::ResponseHead head;
    const std::string body = "worker: " + target;
    head.body_size = static_cast<int64_t>(body.size());
    std::exchange(asker_, nullptr)->Respond(head, body);
  }

  std::string target;
  std::string exceeded;
  int assets = 0;
  bool request_ended = false;
  bool canceled = false;
  uint64_t credit = 0;

 private:
  void OnRequestBody(std::string_view) override {}
  void OnRequestEnd() override { request_ended = true; }
  void OnResponseCredit(uint64_t bytes) override { credit += bytes; }
  void OnCancel(const Error&) override { canceled = true; }

  net::Asker* asker_ = nullptr;
};

class AssetServerTest : public ::testing::Test, private net::Target {
 protected:
  AssetServerTest() {
    worker_.id.value = "w";
    version_.id.value = "v";
    version_.assets_digest = "list";
    version_.bundle_digest = "code";
  }

  std::unique_ptr<net::ScriptedAsker> Ask(std::string target,
                                          std::string method = "GET") {
    net::RequestHead head;
    head.method = std::move(method);
    head.authority = "a.example";
    head.target = std::move(target);
    passed_on_ = false;
    return std::make_unique<net::ScriptedAsker>(
        std::move(head), static_cast<net::Target&>(*this));
  }
  // Has caraveld answer, and all steps taken.
  void Settle() {
    while (!opener_.waiting.empty() || server_.HasWork()) {
      while (!opener_.waiting.empty()) {
        opener_.waiting.front()();
        opener_.waiting.pop_front();
      }
      loop_->Poll(std::chrono::nanoseconds(0));
      server_.Step();
    }
  }

  net::Answerer& Start(net::RequestHead& head, net::Asker& asker) override {
    net::Answerer* answerer = server_.Start(worker_, version_, head, asker);
    passed_on_ = answerer == nullptr;
    return passed_on_ ? code_.StartWorker(head, asker) : *answerer;
  }

  base::SystemClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  FakeOpener opener_;
  AssetStore store_{opener_, AssetStore::Limits()};
  FakeWorker code_;
  AssetServer server_{*loop_, store_, code_};
  registry::PublishedWorker worker_;
  registry::Version version_;
  bool passed_on_ = false;
};

TEST_F(AssetServerTest, AnAssetIsAnsweredOnceItIsHere) {
  const auto first = Ask("/small.txt");
  EXPECT_FALSE(first->ended);
  Settle();
  ASSERT_TRUE(first->ended);
  EXPECT_EQ(first->head->status, 200);
  EXPECT_EQ(first->body, "hello");
  const auto second = Ask("/small.txt");
  EXPECT_FALSE(second->ended);  // never from within
  server_.Step();
  EXPECT_EQ(second->body, "hello");
  EXPECT_EQ(opener_.contents, 1);
  EXPECT_EQ(code_.assets, 2);
}

TEST_F(AssetServerTest, ALargeOneComesAsFarAsItIsGranted) {
  const auto asked = Ask("/large");
  Settle();
  ASSERT_TRUE(asked->head.has_value());
  EXPECT_EQ(asked->body, "");
  asked->Take(70'000);
  Settle();
  EXPECT_EQ(asked->body.size(), 70'000U);
  asked->Take(1'000'000);
  Settle();
  EXPECT_TRUE(asked->ended);
  EXPECT_TRUE(asked->body == Large());
}

TEST_F(AssetServerTest, HeadAndEmptyNeedNoContent) {
  const auto head = Ask("/large", "HEAD");
  const auto empty = Ask("/empty");
  Settle();
  EXPECT_TRUE(head->ended);
  EXPECT_EQ(head->head->body_size, static_cast<int64_t>(kLargeSize));
  EXPECT_TRUE(empty->ended);
  EXPECT_EQ(opener_.contents, 0);
}

TEST_F(AssetServerTest, WhatCameBeforeTheListGoesToTheWorkerToo) {
  const auto asked = Ask("/api");
  asked->Take(10);
  EXPECT_FALSE(passed_on_);
  Settle();
  EXPECT_EQ(code_.target, "/api");
  EXPECT_TRUE(code_.request_ended);
  EXPECT_EQ(code_.credit, 10U);
  asked->Take(5);
  EXPECT_EQ(code_.credit, 15U);
  code_.Answer();
  EXPECT_EQ(asked->body, "worker: /api");
  Settle();
  const auto next = Ask("/api/2");
  EXPECT_TRUE(passed_on_);  // nothing stands between
  code_.Answer();
  EXPECT_EQ(next->body, "worker: /api/2");
  EXPECT_EQ(code_.assets, 0);
}

TEST_F(AssetServerTest, WhoLeavesIsForgotten) {
  const auto waits = Ask("/small.txt");
  waits->Cancel();
  server_.Step();
  const auto passed = Ask("/api");
  Settle();
  passed->Cancel();
  EXPECT_TRUE(code_.canceled);
  const auto content = Ask("/large");
  content->Cancel();
  Settle();
  const auto sends = Ask("/large");
  Settle();
  sends->Take(10);
  sends->Cancel();
  Settle();
  EXPECT_FALSE(sends->ended);
}

TEST_F(AssetServerTest, WithoutCaraveldTheRequestFailsAndTheNextAsksAgain) {
  opener_.lost = true;
  const auto list = Ask("/small.txt");
  Settle();
  EXPECT_THAT(list->aborted, HasSubstr("it is away"));
  opener_.lost = false;
  EXPECT_EQ((Ask("/api"), Settle(), code_.target), "/api");
  opener_.lost = true;
  const auto content = Ask("/small.txt");
  Settle();
  EXPECT_THAT(content->aborted, HasSubstr("it is away"));
}

TEST_F(AssetServerTest, TheBindingAsksTheAssetsAlone) {
  net::RequestHead head;
  head.method = "GET";
  head.authority = "a.example";
  head.target = "/absent";
  net::ScriptedAsker asked(head, server_.Binding(worker_.id, version_));
  Settle();
  ASSERT_TRUE(asked.ended);
  EXPECT_EQ(asked.head->status, 404);
  EXPECT_EQ(code_.assets, 0);
}

TEST_F(AssetServerTest, WhatRulesTakeTooLongForIsAnErrorThatIsTold) {
  const std::string target = "/slow/" + std::string(500, 'x');
  for (int i = 0; i < 2; ++i) {  // before the list is here, and behind that
    const auto asked = Ask(target);
    Settle();
    ASSERT_TRUE(asked->ended);
    EXPECT_EQ(asked->head->status, 503);
    EXPECT_EQ(asked->body, "error code: 1102\nreference: 0123456789abcdef\n");
    EXPECT_EQ(std::exchange(code_.exceeded, ""), "w v /slow/");
  }
  net::RequestHead head;
  head.method = "GET";
  head.authority = "a.example";
  head.target = target;
  net::ScriptedAsker asked(head, server_.Binding(worker_.id, version_));
  Settle();
  EXPECT_EQ(asked.aborted,
            "_redirects, _headers and run_worker_first of this Worker's assets "
            "take too long for this URL: use a shorter URL, or fewer and "
            "simpler patterns");
  EXPECT_EQ(code_.exceeded, "");
}

TEST(AssetStoreTest, KeepsWhatWasUsedLast) {
  FakeOpener opener;
  AssetStore store(opener, {.sites = 1, .bytes = 7, .files = 1});
  registry::Version version;
  version.id.value = "v";
  AssetStore::Site site;
  store.OpenSite({"w"}, version, [&](Result<AssetStore::Site> opened) {
    site = std::move(opened).value();
  });
  opener.waiting.front()();
  const auto open = [&](uint32_t index) {
    opener.waiting.clear();
    store.OpenContent(
        {"w"}, {"v"}, site, index, registry::AssetCoding::kIdentity,
        [](const Result<AssetStore::Content>& opened) { EXPECT_TRUE(opened); });
    opener.waiting.front()();
  };
  const auto digest = [&](uint32_t index) {
    return site->list().At(index).digests[0];
  };
  open(*site->list().Find("/large"));
  open(*site->list().Find("/small.txt"));
  EXPECT_NE(store.Find(digest(1)), nullptr);
  EXPECT_NE(store.Find(digest(2)), nullptr);
  EXPECT_EQ(store.Find(std::string(32, 'x')), nullptr);
}

}  // namespace
}  // namespace caravel::host
