#include "control/api_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <optional>
#include <thread>

#include "control/endpoints.h"
#include "control/testing/test_platform.h"
#include "storage/digest.h"

namespace caravel::api {
namespace {

using ::testing::HasSubstr;

// A client as the server sees it.
class FakeAsker final : public net::Asker {
 public:
  void Respond(const net::ResponseHead& head, std::string_view body) override {
    status = head.status;
    headers = head.headers;
    this->body = body;
  }
  void RespondStart(const net::ResponseHead&) override { FAIL(); }
  void RespondBody(std::string_view) override { FAIL(); }
  void RespondEnd() override { FAIL(); }
  void RespondAbort(const Error&) override { FAIL(); }
  void GrantRequestBody(uint64_t bytes) override { granted += bytes; }

  std::optional<int> status;
  net::Headers headers;
  std::string body;
  uint64_t granted = 0;
};

class ApiServerTest : public ::testing::Test {
 protected:
  net::RequestHead Head(std::string method, std::string path) {
    net::RequestHead head;
    head.method = std::move(method);
    head.authority = "127.0.0.1:8788";
    head.target = "/client/v4" + path;
    head.headers.Add("authorization", "Bearer " + platform_.token());
    return head;
  }

  // A Worker of one module, as wrangler sends it.
  void StartUpload(FakeAsker& asker) { StartUpload(asker, server_); }
  void StartUpload(FakeAsker& asker, ApiServer& server) {
    StartUpload(asker, server, WorkerPath());
  }
  void StartUpload(FakeAsker& asker, ApiServer& server,
                   const std::string& path) {
    auto head = Head("PUT", path);
    head.headers.Add("content-type", "multipart/form-data; boundary=XX");
    const std::string body =
        "--XX\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n"
        "{\"main_module\":\"index.js\"}\r\n"
        "--XX\r\nContent-Disposition: form-data; name=\"index.js\"; "
        "filename=\"index.js\"\r\n"
        "Content-Type: application/javascript+module\r\n\r\n"
        "export default {}\r\n--XX--\r\n";
    head.body_size = static_cast<int64_t>(body.size());
    net::Answerer& answerer = server.Start(head, asker);
    RunUntil([&] { return asker.granted >= body.size(); });
    answerer.OnRequestBody(body);
    answerer.OnRequestEnd();
  }

  std::string AnotherAccount(std::string_view name = "Other") {
    const TestReply made = TestClient(platform_).Send(
        "POST", "/accounts", fmt::format(R"({{"name":"{}"}})", name));
    return made.result().at("id").as_string().c_str();
  }

  // The token of an upload session for one asset of four bytes.
  std::string BeginAssets(const std::string& account) {
    const TestReply begun = TestClient(platform_).Send(
        "POST",
        fmt::format("/accounts/{}/workers/scripts/site/assets-upload-session",
                    account),
        fmt::format(R"({{"manifest":{{"/a.txt":{{"hash":"{}","size":4}}}}}})",
                    kAsset));
    asset_account_ = account;
    return begun.result().at("jwt").as_string().c_str();
  }
  // Under the token of the session that was begun last.
  void StartAssets(FakeAsker& asker, const std::string& token,
                   std::string_view content) {
    auto head = Head("POST", fmt::format("/accounts/{}/workers/assets/upload",
                                         asset_account_));
    head.headers = {};
    head.headers.Add("authorization", "Bearer " + token);
    head.headers.Add("content-type", "multipart/form-data; boundary=XX");
    const std::string body = fmt::format(
        "--XX\r\nContent-Disposition: form-data; name=\"{0}\"; "
        "filename=\"{0}\"\r\nContent-Type: text/plain\r\n\r\n"
        "{1}\r\n--XX--\r\n",
        kAsset, content);
    head.body_size = static_cast<int64_t>(body.size());
    net::Answerer& answerer = server_.Start(head, asker);
    RunUntil([&] { return asker.granted >= body.size(); });
    answerer.OnRequestBody(body);
    answerer.OnRequestEnd();
  }

  std::string WorkerPath() {
    return fmt::format("/accounts/{}/workers/scripts/hello",
                       platform_.account());
  }

  template <typename Condition>
  void RunUntil(Condition condition) {
    while (!condition()) loop_->Poll(std::chrono::seconds(1));
  }

  static constexpr std::string_view kAsset = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

  TestPlatform platform_;
  std::string asset_account_;
  base::NullLog log_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(platform_.clock()).value();
  ApiHandler handler_{platform_.services(), Endpoints(), {}};
  ApiServer server_{handler_, *loop_, log_, {}};
};

TEST_F(ApiServerTest, AnswersARequest) {
  FakeAsker asker;
  auto head = Head("GET", "/accounts");
  server_.Start(head, asker).OnRequestEnd();
  RunUntil([&] { return asker.status.has_value(); });
  EXPECT_EQ(asker.status, 200);
  EXPECT_THAT(asker.body, HasSubstr(platform_.account()));
  EXPECT_EQ(server_.active(), 0u);
}

TEST_F(ApiServerTest, SaysNothingFromWithinACallOfTheAsker) {
  FakeAsker asker;
  auto head = Head("GET", "/nonsense");
  server_.Start(head, asker).OnRequestEnd();
  EXPECT_FALSE(asker.status.has_value());
  RunUntil([&] { return asker.status.has_value(); });
  EXPECT_EQ(asker.status, 404);
}

TEST_F(ApiServerTest, TakesABodyInPieces) {
  platform_.clock().Advance(std::chrono::seconds(1));
  TestClient(platform_).Put("hello");
  FakeAsker asker;
  auto head = Head("POST", WorkerPath() + "/subdomain");
  head.body_size = -1;
  net::Answerer& answerer = server_.Start(head, asker);
  RunUntil([&] { return asker.granted > 0; });
  answerer.OnRequestBody(R"({"enab)");
  answerer.OnRequestBody(R"(led":false})");
  answerer.OnRequestEnd();
  RunUntil([&] { return asker.status.has_value(); });
  EXPECT_THAT(asker.body, HasSubstr(R"("enabled":false)"));
}

TEST_F(ApiServerTest, TakesNoBodyFromWhoHasNoToken) {
  FakeAsker asker;
  net::RequestHead head;
  head.method = "PUT";
  head.authority = "localhost";
  head.target = "/client/v4" + WorkerPath();
  head.body_size = 1 << 20;
  server_.Start(head, asker);
  RunUntil([&] { return asker.status.has_value(); });
  EXPECT_EQ(asker.status, 401);
  EXPECT_EQ(asker.granted, 0u);
}

TEST_F(ApiServerTest, TakesNoBodyWhereNobodyNeedsAToken) {
  for (const int64_t size : {1, 1 << 20}) {
    FakeAsker asker;
    net::RequestHead head;
    head.method = "GET";
    head.authority = "localhost";
    head.target = "/client/v4/openapi.json";
    head.body_size = size;
    server_.Start(head, asker);
    RunUntil([&] { return asker.status || asker.granted > 0; });
    EXPECT_EQ(asker.status, 413) << size;
    EXPECT_EQ(asker.granted, 0U) << size;
    EXPECT_THAT(asker.body, HasSubstr("takes no body"));
  }
}

TEST_F(ApiServerTest, RefusesABodyThatSaysItIsTooLarge) {
  FakeAsker asker;
  auto head = Head("POST", WorkerPath() + "/subdomain");
  head.body_size = kJsonBodyLimit + 1;
  server_.Start(head, asker);
  RunUntil([&] { return asker.status.has_value(); });
  EXPECT_EQ(asker.status, 413);
  EXPECT_EQ(asker.granted, 0u);
}

TEST_F(ApiServerTest, RefusesABodyThatTurnsOutTooLarge) {
  FakeAsker asker;
  auto head = Head("POST", WorkerPath() + "/subdomain");
  head.body_size = -1;
  net::Answerer& answerer = server_.Start(head, asker);
  const std::string piece(32 << 10, ' ');
  uint64_t sent = 0;
  while (!asker.status) {
    RunUntil([&] { return asker.granted > sent || asker.status; });
    while (!asker.status && sent < asker.granted) {
      const size_t size =
          std::min<uint64_t>(piece.size(), asker.granted - sent);
      sent += size;
      answerer.OnRequestBody(std::string_view(piece).substr(0, size));
    }
  }
  EXPECT_EQ(asker.status, 413);
  EXPECT_EQ(sent, kJsonBodyLimit + 1);
}

TEST_F(ApiServerTest, BodiesShareTheirMemory) {
  ApiServer small(handler_, *loop_, log_, {.body_memory = 300 << 10});
  FakeAsker first;
  auto first_head = Head("PUT", WorkerPath());
  first_head.body_size = -1;
  net::Answerer& holder = small.Start(first_head, first);
  RunUntil([&] { return first.granted > 0; });

  FakeAsker second;
  auto second_head = Head("PUT", WorkerPath());
  second_head.body_size = -1;
  small.Start(second_head, second);
  RunUntil([&] { return second.status.has_value(); });
  EXPECT_EQ(second.status, 503);
  EXPECT_THAT(second.body, HasSubstr("try again in a moment"));

  // What the first held is free again once it is gone.
  holder.OnCancel(Error(ErrorCode::kUnavailable, "the client left"));
  FakeAsker third;
  auto third_head = Head("PUT", WorkerPath());
  third_head.body_size = -1;
  net::Answerer& last = small.Start(third_head, third);
  RunUntil([&] { return third.granted > 0; });
  last.OnCancel(Error(ErrorCode::kUnavailable, "the client left"));
}

TEST_F(ApiServerTest, ABodyThatSaysItsSizeIsRefusedBeforeItBegins) {
  ApiServer small(handler_, *loop_, log_, {.body_memory = 1 << 20});
  FakeAsker first;
  auto first_head = Head("PUT", WorkerPath());
  first_head.body_size = 600 << 10;
  net::Answerer& holder = small.Start(first_head, first);
  RunUntil([&] { return first.granted > 0 || first.status; });

  FakeAsker second;
  auto second_head =
      Head("PUT",
           fmt::format("/accounts/{}/workers/scripts/hello", AnotherAccount()));
  second_head.body_size = 500 << 10;
  small.Start(second_head, second);
  RunUntil([&] { return second.granted > 0 || second.status; });
  EXPECT_EQ(second.granted, 0U);
  EXPECT_EQ(second.status, 503);
  EXPECT_EQ(second.headers.Find("retry-after"), "1");

  // What the first was promised it has.
  const std::string piece(100 << 10, ' ');
  for (size_t i = 0; i < 6; ++i) {
    RunUntil([&] { return first.granted >= (i + 1) * piece.size(); });
    holder.OnRequestBody(piece);
  }
  EXPECT_EQ(first.granted, 600U << 10);
  holder.OnRequestEnd();
  RunUntil([&] { return first.status.has_value(); });
  EXPECT_EQ(first.status, 400);  // it is no multipart
}

TEST_F(ApiServerTest, ABodyThatTricklesGivesItsMemoryBack) {
  ApiServer small(handler_, *loop_, log_, {.body_memory = 3 << 19});
  const auto start = [&](FakeAsker& asker) -> net::Answerer& {
    auto head = Head("PUT", WorkerPath());
    head.body_size = 1 << 20;
    net::Answerer& answerer = small.Start(head, asker);
    RunUntil([&] { return asker.granted > 0 || asker.status; });
    return answerer;
  };
  FakeAsker slow;
  net::Answerer& answerer = start(slow);
  FakeAsker early;
  start(early);
  EXPECT_EQ(early.status, 503);
  platform_.clock().Advance(std::chrono::minutes(9));
  answerer.OnRequestBody("-");
  loop_->Poll(std::chrono::nanoseconds(0));
  EXPECT_FALSE(slow.status);
  platform_.clock().Advance(std::chrono::minutes(2));
  RunUntil([&] { return slow.status.has_value(); });
  EXPECT_EQ(slow.status, 408);
  EXPECT_THAT(slow.body, HasSubstr("did not arrive within 600 seconds"));
  FakeAsker late;
  net::Answerer& last = start(late);
  EXPECT_FALSE(late.status);
  EXPECT_GT(late.granted, 0U);
  last.OnCancel(Error(ErrorCode::kUnavailable, "the client left"));
}

TEST_F(ApiServerTest, BodiesOfAnAccountLeaveRoomForThoseOfOthers) {
  ApiServer small(handler_, *loop_, log_, {.body_memory = 1 << 20});
  std::array<FakeAsker, 3> ours;
  std::vector<net::Answerer*> started;
  const auto start = [&](FakeAsker& asker, const std::string& account) {
    auto head =
        Head("PUT", fmt::format("/accounts/{}/workers/scripts/hello", account));
    head.body_size = -1;
    started.push_back(&small.Start(head, asker));
    RunUntil([&] { return asker.granted > 0 || asker.status; });
  };
  for (FakeAsker& asker : ours) start(asker, platform_.account());
  EXPECT_FALSE(ours[1].status);
  EXPECT_EQ(ours[2].status, 503);
  started.pop_back();
  FakeAsker other;
  start(other, AnotherAccount());
  EXPECT_FALSE(other.status);
  for (net::Answerer* answerer : started) {
    answerer->OnCancel(Error(ErrorCode::kUnavailable, "the client left"));
  }
}

TEST_F(ApiServerTest, AClientThatLeavesHearsNothing) {
  FakeAsker leaver;
  auto head = Head("GET", "/accounts");
  net::Answerer& answerer = server_.Start(head, leaver);
  answerer.OnRequestEnd();
  answerer.OnCancel(Error(ErrorCode::kUnavailable, "the client left"));
  EXPECT_EQ(server_.active(), 0u);

  FakeAsker other;
  auto other_head = Head("GET", "/accounts");
  server_.Start(other_head, other).OnRequestEnd();
  RunUntil([&] { return other.status.has_value(); });
  EXPECT_FALSE(leaver.status.has_value());
}

TEST_F(ApiServerTest, UploadsHoldUpNothingElseThatIsAsked) {
  platform_.checker().Hold();
  std::array<FakeAsker, 8> uploads;  // more than there are threads of any kind
  for (FakeAsker& upload : uploads) StartUpload(upload);
  RunUntil([&] { return platform_.checker().checks() > 0; });
  FakeAsker reader;
  auto head = Head("GET", "/accounts");
  server_.Start(head, reader).OnRequestEnd();
  RunUntil([&] { return reader.status.has_value(); });
  EXPECT_EQ(reader.status, 200);

  // One account has one check at a time.
  EXPECT_EQ(platform_.checker().checks(), 1);
  platform_.checker().Release();
  for (const FakeAsker& upload : uploads) {
    RunUntil([&] { return upload.status.has_value(); });
    EXPECT_EQ(upload.status, 200) << upload.body;
  }
}

TEST_F(ApiServerTest, AssetsOfAnAccountHoldUpNothingElseThatIsAsked) {
  platform_.blobs().Hold(storage::Sha256Hex("held"));
  const std::string ours = BeginAssets(platform_.account());
  std::array<FakeAsker, 8> uploads;  // more than there are threads of any kind
  for (FakeAsker& upload : uploads) StartAssets(upload, ours, "held");
  platform_.blobs().WaitForOne();

  FakeAsker reader;
  auto head = Head("GET", "/accounts");
  server_.Start(head, reader).OnRequestEnd();
  RunUntil([&] { return reader.status.has_value(); });
  EXPECT_EQ(reader.status, 200);
  FakeAsker worker;
  StartUpload(worker);
  RunUntil([&] { return worker.status.has_value(); });
  EXPECT_EQ(worker.status, 200) << worker.body;
  FakeAsker other;
  StartAssets(other, BeginAssets(AnotherAccount()), "free");
  RunUntil([&] { return other.status.has_value(); });
  EXPECT_EQ(other.status, 200) << other.body;

  for (const FakeAsker& upload : uploads) EXPECT_FALSE(upload.status);
  platform_.blobs().Hold("");
  for (const FakeAsker& upload : uploads) {
    RunUntil([&] { return upload.status.has_value(); });
    EXPECT_EQ(upload.status, 200) << upload.body;
  }
}

TEST_F(ApiServerTest, RequestsOfTwoAccountsHoldUpNoThird) {
  const std::string second = AnotherAccount();
  const std::string third = AnotherAccount("Third");
  std::vector<std::string> paths;
  for (const std::string& account : {platform_.account(), second}) {
    paths.push_back(fmt::format("/accounts/{}/workers/scripts/hello", account));
    FakeAsker worker;
    StartUpload(worker, server_, paths.back());
    RunUntil([&] { return worker.status.has_value(); });
    ASSERT_EQ(worker.status, 200) << worker.body;
  }

  platform_.observer().Hold();
  const std::string secret =
      R"({"name":"KEY","text":"hidden","type":"secret_text"})";
  std::array<FakeAsker, 32> noisy;  // more than there are threads
  for (size_t i = 0; i < noisy.size(); ++i) {
    auto head = Head("PUT", paths[i % 2] + "/secrets");
    head.body_size = static_cast<int64_t>(secret.size());
    net::Answerer& answerer = server_.Start(head, noisy[i]);
    RunUntil([&] { return noisy[i].granted >= secret.size(); });
    answerer.OnRequestBody(secret);
    answerer.OnRequestEnd();
  }
  while (platform_.observer().waiting() < 4) std::this_thread::yield();
  FakeAsker reader;
  auto head = Head("GET", fmt::format("/accounts/{}/workers/scripts", third));
  server_.Start(head, reader).OnRequestEnd();
  RunUntil([&] { return reader.status.has_value(); });
  EXPECT_EQ(reader.status, 200);
  for (const FakeAsker& asker : noisy) EXPECT_FALSE(asker.status);
  platform_.observer().Release();
  for (const FakeAsker& asker : noisy) {
    RunUntil([&] { return asker.status.has_value(); });
    EXPECT_EQ(asker.status, 200) << asker.body;
  }
}

TEST_F(ApiServerTest, SaysThatTooManyUploadsOfTheAccountWait) {
  platform_.checker().Hold();
  ApiServer narrow(handler_, *loop_, log_, {.longest_upload_queue = 1});
  std::array<FakeAsker, 3> uploads;
  StartUpload(uploads[0], narrow);
  // It waits no more: the queue is the next one's.
  RunUntil([&] { return platform_.checker().checks() > 0; });
  StartUpload(uploads[1], narrow);
  StartUpload(uploads[2], narrow);
  RunUntil([&] { return uploads[2].status.has_value(); });
  EXPECT_EQ(uploads[2].status, 503);
  EXPECT_THAT(
      uploads[2].body,
      HasSubstr("too many uploads of this account wait for their turn"));
  platform_.checker().Release();
  RunUntil([&] { return uploads[0].status && uploads[1].status; });
}

TEST_F(ApiServerTest, IsBusyUntilWhatRunsHasAnswered) {
  FakeAsker asker;
  auto head = Head("GET", "/accounts");
  server_.Start(head, asker).OnRequestEnd();
  EXPECT_TRUE(server_.busy());
  RunUntil([&] { return !server_.busy(); });
  EXPECT_EQ(asker.status, 200);
}

TEST_F(ApiServerTest, BeginsNothingOnceItIsClosed) {
  FakeAsker early;
  auto head = Head("GET", "/accounts");
  server_.Start(head, early).OnRequestEnd();
  server_.Close();
  RunUntil([&] { return !server_.busy(); });
  FakeAsker late;
  auto late_head = Head("GET", "/accounts");
  server_.Start(late_head, late).OnRequestEnd();
  EXPECT_FALSE(server_.busy());
  RunUntil([&] { return early.status && late.status; });
  for (const FakeAsker* asker : {&early, &late}) {
    EXPECT_EQ(asker->status, 503);
    EXPECT_THAT(asker->body, HasSubstr("caraveld is stopping"));
  }
}

TEST_F(ApiServerTest, MayGoWhileRequestsAreOnTheirWay) {
  FakeAsker asker;
  {
    ApiServer short_lived(handler_, *loop_, log_, {});
    for (int i = 0; i < 20; ++i) {
      auto head = Head("GET", "/accounts");
      short_lived.Start(head, asker).OnRequestEnd();
    }
  }
  // What the threads left on the loop finds nobody.
  loop_->Poll(std::chrono::nanoseconds(0));
  EXPECT_FALSE(asker.status.has_value());
}

}  // namespace
}  // namespace caravel::api
