#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/exchange_world.h"
#include "net/http1_options.h"
#include "net/scripted_target.h"

// What must hold of every way from an asker to a target (net/exchange.h). A way
// is an ExchangeWorld; a test program makes its worlds known by
//
//   INSTANTIATE_TEST_SUITE_P(Mailbox, ExchangeSuite, testing::Values(&MakeIt));
namespace caravel::net {

using MakeExchangeWorld = std::unique_ptr<ExchangeWorld> (*)();

class ExchangeSuite : public testing::TestWithParam<MakeExchangeWorld> {
 protected:
  static constexpr size_t kMegabytes = 10'000'000;

  static RequestHead Request(std::string method, int64_t body_size) {
    RequestHead head;
    head.method = std::move(method);
    head.scheme = "http";
    head.authority = "shop.example.com:8080";
    head.target = "/cart?item=1&item=%20";
    head.headers.Add("Host", head.authority);
    head.http = "HTTP/1.1";
    head.body_size = body_size;
    return head;
  }
  std::unique_ptr<ExchangeCall> Get() {
    return world_->Start(Request("GET", 0));
  }

  static RequestHead UpgradeRequest() {
    RequestHead head = Request("GET", -1);
    head.upgrade = "websocket";
    return head;
  }

  void RunUntil(const std::function<bool()>& condition) {
    const auto limit =
        std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), limit) << "never came";
      world_->Round();
    }
  }
  // Some rounds in which nothing is to happen.
  void RunIdle() {
    for (int i = 0; i < 5; ++i) world_->Round();
  }
  ScriptedExchange& Exchange(size_t number = 0) {
    RunUntil([&] { return world_->target.exchanges.size() > number; });
    return *world_->target.exchanges.at(number);
  }
  void RunUntilEnded(const ExchangeCall& call) {
    RunUntil([&] { return call.ended || !call.aborted.empty(); });
    ASSERT_EQ(call.aborted, "");
  }
  // A byte that tells its place.
  static char Pattern(size_t place) {
    return static_cast<char>('a' + place * 7 / 3 % 26);
  }
  static std::string PatternText(size_t begin, size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = Pattern(begin + i);
    return text;
  }

  std::unique_ptr<ExchangeWorld> world_ = GetParam()();
};

TEST_P(ExchangeSuite, TheHeadArrivesAsItWasSent) {
  RequestHead sent = Request("PATCH", 0);
  sent.headers.Add("X-Twice", "one");
  sent.headers.Add("x-TWICE", "two, three");
  sent.headers.Add("X-Empty", "");
  sent.headers.Add("X-Obsolete", "caf\xE9");
  const auto call = world_->Start(sent);
  const RequestHead& head = Exchange().head;
  EXPECT_EQ(head.method, "PATCH");
  EXPECT_EQ(head.scheme, "http");
  EXPECT_EQ(head.authority, "shop.example.com:8080");
  EXPECT_EQ(head.target, "/cart?item=1&item=%20");
  EXPECT_EQ(head.http, "HTTP/1.1");
  EXPECT_EQ(head.body_size, 0);
  ASSERT_EQ(head.headers.size(), sent.headers.size());
  for (size_t i = 0; i < sent.headers.size(); ++i) {
    EXPECT_EQ(head.headers[i].name, sent.headers[i].name);
    EXPECT_EQ(head.headers[i].value, sent.headers[i].value);
  }
  RunUntil([&] { return Exchange().ended; });
  Exchange().Respond(MakeHead(200));
  RunUntilEnded(*call);
}

TEST_P(ExchangeSuite, AWholeAnswerArrivesAsItWasGiven) {
  const auto call = Get();
  call->Take(100);
  Exchange().Respond(
      MakeHead(418, {{"X-A", "1"}, {"Set-Cookie", "a"}, {"set-cookie", "b"}}),
      "short and stout");
  RunUntilEnded(*call);
  ASSERT_TRUE(call->head.has_value());
  EXPECT_EQ(call->head->status, 418);
  EXPECT_EQ(call->head->headers.Find("x-a"), "1");
  EXPECT_EQ(call->head->body_size, 15);
  size_t cookies = 0;
  for (size_t i = 0; i < call->head->headers.size(); ++i) {
    if (EqualsIgnoringCase(call->head->headers[i].name, "set-cookie")) {
      EXPECT_EQ(call->head->headers[i].value, cookies++ == 0 ? "a" : "b");
    }
  }
  EXPECT_EQ(cookies, 2U);
  EXPECT_EQ(call->body, "short and stout");
}

TEST_P(ExchangeSuite, AWholeAnswerLargerThanAnyWindowArrives) {
  const auto call = Get();
  const std::string answer = PatternText(0, 3'000'000);
  Exchange().Respond(MakeHead(200), answer);
  call->Take(1'000);
  RunIdle();
  call->Take(answer.size());
  RunUntilEnded(*call);
  EXPECT_EQ(call->body, answer);
}

TEST_P(ExchangeSuite, AnAnswerInPiecesArrivesAsItIsSent) {
  const auto call = Get();
  call->Take(1'000);
  ScriptedExchange& exchange = Exchange();
  exchange.Start(MakeHead(200));
  RunUntil([&] { return call->head.has_value(); });
  EXPECT_EQ(call->head->body_size, -1);
  RunUntil([&] { return exchange.credit >= 12; });
  exchange.Send("first ");
  RunUntil([&] { return call->body == "first "; });
  exchange.Send("second");
  exchange.End();
  RunUntilEnded(*call);
  EXPECT_EQ(call->body, "first second");
}

TEST_P(ExchangeSuite, AnAnswerWithoutABodyIsComplete) {
  const auto call = Get();
  call->Take(1'000);
  Exchange().Respond(MakeHead(204));
  RunUntilEnded(*call);
  EXPECT_EQ(call->head->status, 204);
  EXPECT_EQ(call->body, "");

  const auto streamed = Get();
  streamed->Take(1'000);
  Exchange(1).Start(MakeHead(200));
  Exchange(1).End();
  RunUntilEnded(*streamed);
  EXPECT_EQ(streamed->body, "");
}

TEST_P(ExchangeSuite, HeadIsAnsweredWithTheSizeAlone) {
  const auto whole = world_->Start(Request("HEAD", 0));
  Exchange(0).Respond(MakeHead(200), "12345");
  RunUntilEnded(*whole);
  EXPECT_EQ(whole->head->body_size, 5);
  EXPECT_EQ(whole->body, "");

  const auto streamed = world_->Start(Request("HEAD", 0));
  Exchange(1).Start(MakeHead(200, {}, 77));
  Exchange(1).End();
  RunUntilEnded(*streamed);
  EXPECT_EQ(streamed->head->body_size, 77);
  EXPECT_EQ(streamed->body, "");
}

TEST_P(ExchangeSuite, NothingOfABodyComesBeforeItIsGranted) {
  const auto call = world_->Start(Request("POST", 10));
  ScriptedExchange& exchange = Exchange();
  EXPECT_EQ(exchange.head.body_size, 10);
  std::string_view rest = "0123456789";
  rest.remove_prefix(call->SendBody(rest));
  RunIdle();
  EXPECT_EQ(exchange.body, "");
  EXPECT_FALSE(exchange.ended);
  exchange.Grant(1);
  exchange.Grant(3);
  RunUntil([&] {
    rest.remove_prefix(call->SendBody(rest));
    return exchange.body == "0123";
  });
  RunIdle();
  EXPECT_EQ(exchange.body, "0123");
  exchange.Grant(1'000);
  RunUntil([&] {
    rest.remove_prefix(call->SendBody(rest));
    return exchange.body == "0123456789";
  });
  call->EndBody();
  RunUntil([&] { return exchange.ended; });
}

TEST_P(ExchangeSuite, ABodyMayBeGrantedBeforeThereIsAny) {
  const auto call = world_->Start(Request("POST", -1));
  ScriptedExchange& exchange = Exchange();
  EXPECT_EQ(exchange.head.body_size, -1);
  exchange.Grant(100);
  RunIdle();
  EXPECT_EQ(call->SendBody("late"), 4U);
  RunUntil([&] { return exchange.body == "late"; });
  EXPECT_FALSE(exchange.ended);
  call->EndBody();
  RunUntil([&] { return exchange.ended; });
}

TEST_P(ExchangeSuite, AnEmptyBodyOfUnknownSizeEnds) {
  const auto call = world_->Start(Request("POST", -1));
  call->EndBody();
  ScriptedExchange& exchange = Exchange();
  RunUntil([&] { return exchange.ended; });
  EXPECT_EQ(exchange.body, "");
}

TEST_P(ExchangeSuite, TenMegabytesGoUpNoFasterThanTheyAreGranted) {
  for (const int64_t size : {int64_t{kMegabytes}, int64_t{-1}}) {
    const size_t number = world_->target.exchanges.size();
    const auto call = world_->Start(Request("POST", size));
    ScriptedExchange& exchange = Exchange(number);
    size_t sent = 0;
    bool ended = false;
    RunUntil([&] {
      if (exchange.granted == 0) exchange.Grant(100'000);
      if (sent < kMegabytes) {
        sent += call->SendBody(
            PatternText(sent, std::min<size_t>(200'000, kMegabytes - sent)));
      } else if (!std::exchange(ended, true)) {
        call->EndBody();
      }
      EXPECT_LE(sent - exchange.body.size(),
                exchange.granted + world_->MostUnderWay());
      return exchange.ended;
    });
    EXPECT_TRUE(exchange.body == PatternText(0, kMegabytes));
  }
}

TEST_P(ExchangeSuite, TenMegabytesComeDownNoFasterThanTheyAreTaken) {
  for (const int64_t size : {int64_t{kMegabytes}, int64_t{-1}}) {
    const size_t number = world_->target.exchanges.size();
    const auto call = Get();
    ScriptedExchange& exchange = Exchange(number);
    exchange.Start(MakeHead(200, {}, size));
    size_t sent = 0;
    size_t taken = 0;
    RunUntil([&] {
      if (call->body.size() == taken) {
        taken += 100'000;
        call->Take(100'000);
      }
      if (sent < kMegabytes) {
        sent += exchange.Send(
            PatternText(sent, std::min<size_t>(200'000, kMegabytes - sent)));
      } else if (!exchange.over()) {
        exchange.End();
      }
      EXPECT_LE(call->body.size(), taken);
      EXPECT_LE(sent, taken + world_->MostUnderWay());
      return call->ended;
    });
    EXPECT_TRUE(call->body == PatternText(0, kMegabytes));
  }
}

TEST_P(ExchangeSuite, BodiesPassEachOther) {
  const auto call = world_->Start(Request("POST", -1));
  ScriptedExchange& exchange = Exchange();
  exchange.Start(MakeHead(200));
  call->Take(kMegabytes);
  size_t sent = 0;
  size_t echoed = 0;
  bool request_ended = false;
  RunUntil([&] {
    if (sent < 1'000'000) {
      sent += call->SendBody(PatternText(sent, 1'000'000 - sent));
    } else if (!std::exchange(request_ended, true)) {
      call->EndBody();
    }
    if (exchange.granted == 0) exchange.Grant(50'000);
    if (!exchange.over()) {
      echoed += exchange.Send(std::string_view(exchange.body).substr(echoed));
      if (exchange.ended && echoed == exchange.body.size()) exchange.End();
    }
    return call->ended;
  });
  EXPECT_TRUE(call->body == PatternText(0, 1'000'000));
}

TEST_P(ExchangeSuite, AnAnswerMayComeBeforeTheRequestHasEnded) {
  const auto call = world_->Start(Request("POST", 100));
  ScriptedExchange& exchange = Exchange();
  exchange.Respond(MakeHead(403), "no");
  call->Take(10);
  RunUntilEnded(*call);
  EXPECT_EQ(call->head->status, 403);
  EXPECT_EQ(call->body, "no");
}

TEST_P(ExchangeSuite, TheAskerMayLeaveBeforeTheAnswer) {
  const auto call = Get();
  ScriptedExchange& exchange = Exchange();
  call->Cancel();
  RunUntil([&] { return exchange.over(); });
  EXPECT_NE(exchange.cancelled, "");
}

TEST_P(ExchangeSuite, TheAskerMayLeaveInTheMiddleOfItsBody) {
  const auto call = world_->Start(Request("POST", 100));
  ScriptedExchange& exchange = Exchange();
  exchange.Grant(100);
  RunUntil([&] { return call->SendBody("part") > 0; });
  RunUntil([&] { return exchange.body == "part"; });
  call->Cancel();
  RunUntil([&] { return exchange.over(); });
  EXPECT_NE(exchange.cancelled, "");
  EXPECT_FALSE(exchange.ended);
}

TEST_P(ExchangeSuite, TheAskerMayLeaveInTheMiddleOfTheAnswer) {
  const auto call = Get();
  call->Take(1'000);
  ScriptedExchange& exchange = Exchange();
  exchange.Start(MakeHead(200));
  RunUntil([&] { return exchange.credit > 0; });
  exchange.Send("part");
  RunUntil([&] { return call->body == "part"; });
  call->Cancel();
  RunUntil([&] {
    if (!exchange.over() && exchange.credit > 0) exchange.Send("more");
    return exchange.over();
  });
  EXPECT_NE(exchange.cancelled, "");
}

TEST_P(ExchangeSuite, AnUpgradeCarriesBytesBothWays) {
  const auto call = world_->Start(UpgradeRequest());
  ScriptedExchange& exchange = Exchange();
  EXPECT_EQ(exchange.head.upgrade, "websocket");
  RunIdle();
  EXPECT_FALSE(exchange.ended);
  call->Take(kMegabytes);
  exchange.Start(MakeHead(101, {{"X-A", "1"}}));
  exchange.Grant(5);
  RunUntil([&] { return call->head.has_value(); });
  EXPECT_EQ(call->head->status, 101);
  EXPECT_EQ(call->head->headers.Find("x-a"), "1");
  std::string sent = PatternText(0, 300'000);
  for (size_t begin = 0; exchange.body.size() < sent.size();) {
    begin += call->SendBody(std::string_view(sent).substr(begin));
    world_->Round();
    if (exchange.granted == 0) exchange.Grant(70'000);
  }
  EXPECT_EQ(exchange.body, sent);
  for (size_t begin = 0; call->body.size() < sent.size();) {
    begin += exchange.Send(std::string_view(sent).substr(begin));
    world_->Round();
  }
  EXPECT_EQ(call->body, sent);
  EXPECT_FALSE(exchange.ended);
  exchange.End();
  RunUntilEnded(*call);
}

TEST_P(ExchangeSuite, AnUpgradeMayBeDeclined) {
  const auto call = world_->Start(UpgradeRequest());
  call->Take(100);
  Exchange().Respond(MakeHead(403), "no WebSockets");
  RunUntilEnded(*call);
  EXPECT_EQ(call->head->status, 403);
  EXPECT_EQ(call->body, "no WebSockets");
}

TEST_P(ExchangeSuite, AnUpgradeEndsWhenTheAskerLeaves) {
  const auto call = world_->Start(UpgradeRequest());
  call->Take(100);
  ScriptedExchange& exchange = Exchange();
  exchange.Start(MakeHead(101));
  RunUntil([&] { return call->head.has_value(); });
  call->Cancel();
  RunUntil([&] { return exchange.over(); });
  EXPECT_NE(exchange.cancelled, "");
}

TEST_P(ExchangeSuite, AnAbortBeforeTheHeadReachesTheAsker) {
  const auto call = Get();
  call->Take(10'000);
  Exchange().Abort(Error(ErrorCode::kUnavailable, "the worker is gone"));
  RunUntil([&] { return call->ended || !call->aborted.empty(); });
  if (world_->AbortsByPage()) {
    EXPECT_EQ(call->head->status, StatusFor(ErrorCode::kUnavailable));
  } else {
    EXPECT_EQ(call->aborted, "the worker is gone");
    EXPECT_FALSE(call->head.has_value());
  }
}

TEST_P(ExchangeSuite, AnAbortBehindTheHeadReachesTheAsker) {
  const auto call = Get();
  call->Take(10'000);
  ScriptedExchange& exchange = Exchange();
  exchange.Start(MakeHead(200));
  RunUntil([&] { return exchange.credit > 0; });
  exchange.Send("part");
  RunUntil([&] { return call->body == "part"; });
  exchange.Abort(Error(ErrorCode::kInternal, "the worker is gone"));
  RunUntil([&] { return !call->aborted.empty(); });
  EXPECT_FALSE(call->ended);
}

TEST_P(ExchangeSuite, ExchangesAtATimeDoNotMix) {
  std::vector<std::unique_ptr<ExchangeCall>> calls;
  for (size_t i = 0; i < 20; ++i) {
    calls.push_back(Get());
    calls.back()->Take(1'000);
    Exchange(i);
  }
  for (size_t i = 20; i > 0; --i) {
    Exchange(i - 1).Respond(MakeHead(200), fmt::format("answer {}", i - 1));
  }
  for (size_t i = 0; i < 20; ++i) {
    RunUntilEnded(*calls[i]);
    EXPECT_EQ(calls[i]->body, fmt::format("answer {}", i));
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ExchangeSuite);

}  // namespace caravel::net
