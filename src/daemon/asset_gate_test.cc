#include "daemon/asset_gate.h"

#include <gtest/gtest.h>

#include <future>
#include <map>

#include "daemon/testing/fake_host_port.h"
#include "daemon/testing/published_values.h"

namespace caravel::daemon {
namespace {

// Blobs in memory, by any name.
class FakeBlobs final : public storage::Blobs {
 public:
  Result<std::string> Put(std::string_view) override { return Absent(); }
  Result<base::Fd> Open(std::string_view digest) override {
    if (digest == slow) {
      begun.set_value();
      go_on.get_future().wait();
    }
    const auto found = content.find(std::string(digest));
    if (found == content.end()) return Absent();
    return base::SealedMemoryFile("blob", found->second);
  }
  Result<bool> Exists(std::string_view) override { return Absent(); }
  Status Remove(std::string_view) override { return Absent(); }
  Status Verify(std::string_view) override { return Absent(); }
  Status PutBeside(std::string_view, std::string_view,
                   std::string_view) override {
    return Absent();
  }
  Result<base::Fd> OpenBeside(std::string_view, std::string_view) override {
    return Absent();
  }

  std::map<std::string, std::string> content;
  std::string slow;  // once
  std::promise<void> begun;
  std::promise<void> go_on;

 private:
  static Error Absent() { return Error(ErrorCode::kNotFound, "not here"); }
};

class AssetGateTest : public testing::Test {
 protected:
  AssetGateTest() {
    registry::Asset asset;
    asset.path = "/a";
    asset.forms[0] = {std::string(64, 'a'), 5};
    blobs_.content["list"] = registry::WriteAssetList({}, {asset}).value();
    blobs_.content[std::string(64, 'a')] = "hello";
    registry::PublishedWorker mine = WorkerAt("mine", "v1");
    mine.versions[0].assets_digest = "list";
    state_.Load({registry::Sequence{1}, {mine, WorkerAt("theirs", "v2")}});
    gate_.Open();
  }

  // The content that was opened, or the error.
  std::string Sent() {
    while (host_.sent.size() == answers_) loop_->Poll(std::chrono::seconds(1));
    ++answers_;
    const auto& sent = host_.sent.back();
    const auto& answer = std::get<registry::AssetOpened>(sent.message);
    EXPECT_EQ(answer.request, 7U);
    if (!answer.error.empty()) return "error: " + answer.error;
    return base::ReadWholeFile(sent.fds.at(0), 1000).value();
  }
  std::string AskList(const std::string& worker, const std::string& version) {
    gate_.Answer(host_, registry::OpenAssets{7, {worker}, {version}});
    return Sent();
  }
  std::string AskContent(
      const std::string& worker, const std::string& version, uint32_t index,
      registry::AssetCoding coding = registry::AssetCoding::kIdentity) {
    gate_.Answer(host_,
                 registry::OpenAsset{7, {worker}, {version}, index, coding});
    return Sent();
  }

  static constexpr std::string_view kRefused =
      "error: the asset could not be opened";

  AssetGate::Send ToHost() {
    return [this](const std::string& host, const registry::ToHost& answer,
                  std::vector<base::Fd> fds) {
      EXPECT_EQ(host, host_.id());
      host_.Send(answer, std::move(fds));
    };
  }

  base::NullLog log_;
  base::FakeClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  PublishedState state_;
  FakeBlobs blobs_;
  FakeHostPort host_{"h1"};
  size_t answers_ = 0;  // that were looked at
  AssetGate gate_{*loop_, state_, &blobs_, log_, ToHost()};
};

TEST_F(AssetGateTest, OpensListAndContentsOfAPublishedVersion) {
  EXPECT_EQ(AskList("mine", "v1"), blobs_.content["list"]);
  EXPECT_EQ(AskContent("mine", "v1", 0), "hello");
  blobs_.content.erase("list");  // it is remembered
  EXPECT_EQ(AskContent("mine", "v1", 0), "hello");
}

TEST_F(AssetGateTest, RefusesWhatWasNotGranted) {
  EXPECT_EQ(AskList("theirs", "v1"), kRefused);
  EXPECT_EQ(AskList("theirs", "v2"), kRefused);  // it has no assets
  EXPECT_EQ(AskContent("theirs", "v1", 0), kRefused);
  EXPECT_EQ(AskContent("mine", "v1", 1), kRefused);
  EXPECT_EQ(AskContent("mine", "v1", UINT32_MAX), kRefused);
  EXPECT_EQ(AskContent("mine", "v1", 0, registry::AssetCoding::kZstd),
            kRefused);
}

TEST_F(AssetGateTest, ASlowDiskHoldsUpNeitherTheLoopNorOtherLists) {
  registry::PublishedWorker slow = WorkerAt("slow", "v3");
  slow.versions[0].assets_digest = "slow";
  state_.Load({registry::Sequence{2}, {state_.workers().at({"mine"}), slow}});
  blobs_.slow = "slow";
  gate_.Answer(host_,
               registry::OpenAsset{
                   8, {"slow"}, {"v3"}, 0, registry::AssetCoding::kIdentity});
  blobs_.begun.get_future().wait();
  EXPECT_EQ(AskContent("theirs", "v1", 0), kRefused);
  EXPECT_EQ(AskContent("mine", "v1", 0), "hello");
  blobs_.go_on.set_value();
  while (host_.sent.size() == answers_) loop_->Poll(std::chrono::seconds(1));
  EXPECT_EQ(std::get<registry::AssetOpened>(host_.sent.back().message).request,
            8U);
}

TEST_F(AssetGateTest, WithoutBlobsNoVersionHasAny) {
  AssetGate none(*loop_, state_, nullptr, log_, ToHost());
  none.Open();
  none.Answer(host_, registry::OpenAssets{7, {"mine"}, {"v1"}});
  EXPECT_EQ(Sent(), kRefused);
}

}  // namespace
}  // namespace caravel::daemon
