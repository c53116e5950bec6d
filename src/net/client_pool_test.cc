#include "net/client_pool.h"

#include "net/client_pool_fixture.h"

namespace caravel::net {
namespace {

using ::testing::HasSubstr;

TEST_F(ClientPoolTest, DialsOnceForRequestsThatFollowEachOther) {
  for (int i = 0; i < 3; ++i) Exchange(0);
  EXPECT_THAT(dialer_.dialled, ::testing::ElementsAre("worker example.com 80"));
  EXPECT_EQ(pool_->idle_connections(), 1U);
}

TEST_F(ClientPoolTest, DialsForEachRequestThatRunsAtTheSameTime) {
  RecordingAsker first;
  RecordingAsker second;
  Ask(first, MakeRequest("GET", "/"));
  Ask(second, MakeRequest("GET", "/"));
  WaitForRequest(1);
  dialer_.ends[0].Send(kOkAnswer);
  dialer_.ends[1].Send(kOkAnswer);
  WaitFor(first);
  WaitFor(second);
  EXPECT_EQ(pool_->idle_connections(), 2U);
}

TEST_F(ClientPoolTest, SharesNoConnectionBetweenOwnersHostsOrPorts) {
  Exchange(0, "worker-a");
  Exchange(1, "worker-b");
  RecordingAsker asker;
  RequestHead head = MakeRequest("GET", "/");
  head.authority = "EXAMPLE.com:8080";
  Ask(asker, std::move(head), "worker-a");
  PollUntil(*loop_, [&] { return dialer_.ends.size() == 3; });
  EXPECT_EQ(dialer_.dialled[2], "worker-a example.com 8080");
}

TEST_F(ClientPoolTest, UnderstandsAnIpv6Authority) {
  RecordingAsker asker;
  RequestHead head = MakeRequest("GET", "/");
  head.authority = "[::1]:81";
  Ask(asker, std::move(head));
  PollUntil(*loop_, [&] { return !dialer_.dialled.empty(); });
  EXPECT_EQ(dialer_.dialled[0], "worker ::1 81");
}

TEST_F(ClientPoolTest, PassesOnWhyNobodyCouldBeReached) {
  dialer_.refusal = "connect to example.com:80: connection refused";
  RecordingAsker asker;
  Ask(asker, MakeRequest("GET", "/"));
  EXPECT_FALSE(asker.over) << "told from within the call";
  WaitFor(asker);
  EXPECT_EQ(asker.error, "connect to example.com:80: connection refused");
}

TEST_F(ClientPoolTest, NamesTheHostInAnError) {
  RecordingAsker asker;
  Ask(asker, MakeRequest("GET", "/"));
  WaitForRequest(0);
  dialer_.ends[0].Close();
  WaitFor(asker);
  EXPECT_EQ(asker.error,
            "fetch to example.com:80: the server closed the connection before "
            "it answered");
  EXPECT_EQ(dialer_.dialled.size(), 1U) << "a new connection is not retried";
  EXPECT_EQ(pool_->connections(), 0U);
}

TEST_F(ClientPoolTest, RefusesAnAddressThatIsNone) {
  struct Case {
    std::string scheme;
    std::string authority;
    std::string error;
  };
  for (const Case& each : std::vector<Case>{
           {"ftp", "a",
            "fetch to \"a\": the scheme \"ftp\" is neither http "
            "nor https"},
           {"http", "", "fetch to \"\": this is no host"},
           {"http", "a b", "fetch to \"a b\": this is no host"},
           {"http", "user@a", "fetch to \"user@a\": this is no host"},
           {"http", "a:70000", "fetch to \"a:70000\": 70000 is no port"},
           {"http", "a:0", "fetch to \"a:0\": 0 is no port"}}) {
    RecordingAsker asker;
    RequestHead head = MakeRequest("GET", "/");
    head.scheme = each.scheme;
    head.authority = each.authority;
    Ask(asker, std::move(head));
    EXPECT_FALSE(asker.over);
    WaitFor(asker);
    EXPECT_EQ(asker.error, each.error);
  }
  EXPECT_TRUE(dialer_.dialled.empty());
}

TEST_F(ClientPoolTest, TriesAgainWhenAReusedConnectionTurnsOutToBeClosed) {
  Exchange(0);
  RecordingAsker asker;
  Ask(asker, MakeRequest("GET", "/again"));
  WaitForRequest(0);
  dialer_.ends[0].Close();
  WaitForRequest(1);
  EXPECT_THAT(dialer_.ends[1].received, HasSubstr("GET /again"));
  dialer_.ends[1].Send(kOkAnswer);
  WaitFor(asker);
  EXPECT_EQ(asker.body, "ok");
  EXPECT_EQ(asker.error, "");
}

TEST_F(ClientPoolTest, TriesAgainOnlyOnce) {
  Exchange(0);
  RecordingAsker asker;
  Ask(asker, MakeRequest("GET", "/"));
  WaitForRequest(0);
  dialer_.ends[0].Close();
  WaitForRequest(1);
  dialer_.ends[1].Close();
  WaitFor(asker);
  EXPECT_THAT(asker.error, HasSubstr("before it answered"));
  EXPECT_EQ(dialer_.dialled.size(), 2U);
}

TEST_F(ClientPoolTest, DoesNotTryAgainOnceAByteOfTheAnswerCame) {
  Exchange(0);
  RecordingAsker asker;
  Ask(asker, MakeRequest("GET", "/"));
  WaitForRequest(0);
  dialer_.ends[0].Send("H");
  dialer_.ends[0].Close();
  WaitFor(asker);
  EXPECT_THAT(asker.error, HasSubstr("in the middle of its answer"));
  EXPECT_EQ(dialer_.dialled.size(), 1U);
}

TEST_F(ClientPoolTest, DoesNotSendTwiceWhatMustNotBeSentTwice) {
  Exchange(0);
  RecordingAsker asker;
  Ask(asker, MakeRequest("POST", "/"));
  WaitForRequest(0);
  dialer_.ends[0].Close();
  WaitFor(asker);
  EXPECT_THAT(asker.error, HasSubstr("before it answered"));
  EXPECT_EQ(dialer_.dialled.size(), 1U);
}

TEST_F(ClientPoolTest, GivesSuchARequestOnlyAConnectionThatIsFresh) {
  Exchange(0);
  clock_.Advance(options_.fresh_for);
  Poll();
  RecordingAsker post;
  Ask(post, MakeRequest("POST", "/"));
  WaitForRequest(1);
  RecordingAsker get;
  Ask(get, MakeRequest("GET", "/"));
  WaitForRequest(0);
}

TEST_F(ClientPoolTest, LetsGoOfAConnectionThatTheServerClosed) {
  Exchange(0);
  dialer_.ends[0].Close();
  PollUntil(*loop_, [&] { return pool_->connections() == 0; });
  EXPECT_EQ(pool_->idle_connections(), 0U);
  Exchange(1);
}

TEST_F(ClientPoolTest, NoticesACloseThatTheLoopHasNotSeenYet) {
  Exchange(0);
  dialer_.ends[0].Close();
  RecordingAsker asker;
  Ask(asker, MakeRequest("POST", "/"));
  WaitForRequest(1);
}

TEST_F(ClientPoolTest, ClosesWhatIsIdleForTooLong) {
  Exchange(0);
  clock_.Advance(options_.idle_timeout);
  PollUntil(*loop_, [&] { return pool_->connections() == 0; });
  dialer_.ends[0].Read();
  EXPECT_TRUE(dialer_.ends[0].closed);
}

TEST_F(ClientPoolTest, KeepsOnlySoManyIdle) {
  options_.max_idle_for_origin = 1;
  MakePool();
  RecordingAsker first;
  RecordingAsker second;
  Ask(first, MakeRequest("GET", "/"));
  Ask(second, MakeRequest("GET", "/"));
  WaitForRequest(1);
  dialer_.ends[0].Send(kOkAnswer);
  dialer_.ends[1].Send(kOkAnswer);
  WaitFor(first);
  WaitFor(second);
  PollUntil(*loop_, [&] { return pool_->connections() == 1; });
  EXPECT_EQ(pool_->idle_connections(), 1U);
}

TEST_F(ClientPoolTest, OpensOnlySoManyAndGivesIdleOnesUpFirst) {
  options_.max_connections = 1;
  MakePool();
  Exchange(0, "worker-a");
  Exchange(1, "worker-b");
  EXPECT_EQ(pool_->connections(), 1U);
  RecordingAsker busy;
  RecordingAsker waiting;
  Ask(busy, MakeRequest("GET", "/"), "worker-b");
  Ask(waiting, MakeRequest("GET", "/"), "worker-a");
  WaitForRequest(1);
  EXPECT_EQ(dialer_.dialled.size(), 2U);
  dialer_.ends[1].Send(kOkAnswer);
  WaitForRequest(2);
  dialer_.ends[2].Send(kOkAnswer);
  WaitFor(waiting);
  EXPECT_EQ(waiting.body, "ok");
  EXPECT_EQ(pool_->connections(), 1U);
}

TEST_F(ClientPoolTest, LeavesConnectionsToOthersAndLetsWhoHasItsShareWait) {
  options_.max_connections = 4;
  MakePool();
  std::deque<RecordingAsker> greedy(6);
  for (RecordingAsker& each : greedy) {
    Ask(each, MakeRequest("GET", "/"), "greedy");
  }
  WaitForRequest(1);
  EXPECT_EQ(dialer_.dialled.size(), 2U) << "half of them when it is alone";
  Exchange(2, "modest");

  // In order, over the connections that it has.
  for (size_t i = 0; i < greedy.size(); ++i) {
    WaitForRequest(i % 2);
    dialer_.ends[i % 2].received.clear();
    dialer_.ends[i % 2].Send(kOkAnswer);
    WaitFor(greedy[i]);
    EXPECT_EQ(greedy[i].body, "ok") << i << greedy[i].error;
  }
  EXPECT_EQ(dialer_.dialled.size(), 3U);
}

TEST_F(ClientPoolTest, GivesAPlaceBackHoweverItsRequestEnds) {
  options_.max_connections = 1;
  MakePool();
  const auto place_is_free = [&](const char* after) {
    SCOPED_TRACE(after);
    dialer_.refusal.clear();
    dialer_.hold = false;
    Exchange(dialer_.ends.size());
    pool_->Forget("worker");
  };
  {
    RecordingAsker refused;
    dialer_.refusal = "no";
    Ask(refused, MakeRequest("GET", "/"));
    WaitFor(refused);
  }
  place_is_free("a refused connection");
  {
    RecordingAsker cancelled;
    RecordingAsker waiting;
    dialer_.hold = true;
    Answerer& dialling = Ask(cancelled, MakeRequest("GET", "/"));
    Ask(waiting, MakeRequest("GET", "/"))
        .OnCancel(Error(ErrorCode::kUnavailable, "gone"));
    dialling.OnCancel(Error(ErrorCode::kUnavailable, "gone"));
    dialer_.Answer(dialer_.held.back());
  }
  place_is_free("cancelled requests");
  {
    RecordingAsker cut;
    Ask(cut, MakeRequest("GET", "/"));
    const size_t connection = dialer_.ends.size();
    WaitForRequest(connection);
    dialer_.ends[connection].Close();
    WaitFor(cut);
  }
  place_is_free("a connection that was cut");
  {
    RecordingAsker insecure;
    RequestHead head = MakeRequest("GET", "/");
    head.scheme = "https";
    Ask(insecure, std::move(head));
    WaitFor(insecure);
    EXPECT_THAT(insecure.error, HasSubstr("no certificates"));
  }
  place_is_free("a connection that could not be secured");
}

TEST_F(ClientPoolTest, ForgetsAnOwner) {
  Exchange(0, "worker-a");
  Exchange(1, "worker-b");
  pool_->Forget("worker-a");
  EXPECT_EQ(pool_->connections(), 1U);
  Exchange(1, "worker-b");
}

TEST_F(ClientPoolTest, CancelsAtEachStage) {
  const Error gone(ErrorCode::kUnavailable, "gone");
  dialer_.hold = true;
  RecordingAsker dialling;
  Ask(dialling, MakeRequest("GET", "/")).OnCancel(gone);
  dialer_.Answer(dialer_.held[0]);
  Poll();
  EXPECT_EQ(pool_->connections(), 0U);
  dialer_.ends[0].Read();
  EXPECT_TRUE(dialer_.ends[0].closed) << "dialled for nobody";

  dialer_.hold = false;
  RecordingAsker waiting;
  Answerer& answerer = Ask(waiting, MakeRequest("GET", "/"));
  WaitForRequest(1);
  answerer.OnCancel(gone);
  EXPECT_EQ(pool_->connections(), 0U);
  EXPECT_FALSE(dialling.over || waiting.over);
}

TEST_F(ClientPoolTest, MayGoWhileADialIsUnderWay) {
  dialer_.hold = true;
  RecordingAsker asker;
  Ask(asker, MakeRequest("GET", "/"));
  pool_.reset();
  dialer_.Answer(dialer_.held[0]);
  EXPECT_FALSE(asker.over);
}

TEST_F(ClientPoolTest, IsATargetForAnOwner) {
  const std::unique_ptr<Target> target = pool_->ForOwner("worker-z");
  RecordingAsker asker;
  RequestHead head = MakeRequest("GET", "/");
  target->Start(head, asker).OnRequestEnd();
  WaitForRequest(0);
  EXPECT_EQ(dialer_.dialled[0], "worker-z example.com 80");
}

}  // namespace
}  // namespace caravel::net
