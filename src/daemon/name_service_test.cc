#include "daemon/name_service.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

namespace caravel::daemon {
namespace {

using registry::NameQuestion;
using testing::HasSubstr;

// A DNS server on a port of its own that answers when the test says so.
class DnsServer {
 public:
  DnsServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    auto* raw = reinterpret_cast<sockaddr*>(&address_);
    CARAVEL_CHECK(::bind(socket_.get(), raw, size) == 0);
    CARAVEL_CHECK(::getsockname(socket_.get(), raw, &size) == 0);
  }
  const sockaddr_in& address() const { return address_; }

  // Waits for a question and answers with one record of 4 bytes.
  std::string AnswerOne() {
    std::array<char, 512> question;
    sockaddr_in from = {};
    socklen_t from_size = sizeof from;
    const ssize_t got =
        ::recvfrom(socket_.get(), question.data(), question.size(), 0,
                   reinterpret_cast<sockaddr*>(&from), &from_size);
    CARAVEL_CHECK(got > 12);
    std::string answer(question.data(), static_cast<size_t>(got));
    answer[2] = '\x81';  // a response
    answer[3] = '\x80';
    answer[7] = 1;                                 // one answer
    answer += std::string("\xC0\x0C\0\1\0\1", 6);  // the name asked for, A, IN
    answer += std::string("\0\0\0\x3C\0\4\x5D\xB8\xD8\x22", 10);
    EXPECT_EQ(::sendto(socket_.get(), answer.data(), answer.size(), 0,
                       reinterpret_cast<const sockaddr*>(&from), from_size),
              static_cast<ssize_t>(answer.size()));
    return answer;
  }
  // Whether a question waits.
  bool Asked() const {
    char byte = 0;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
  }

 private:
  base::Fd socket_;
  sockaddr_in address_ = {};
};

class NameServiceTest : public testing::Test {
 protected:
  void Ask(NameQuestion asks, std::string name, uint16_t number,
           const std::string& worker = "w", const std::string& host = "h") {
    names_.Ask(
        host, {0, {worker}, asks, std::move(name), number},
        [this, worker](Result<std::string> answer) {
          answers_.push_back(answer ? *answer : answer.error().message());
          workers_.push_back(worker);
        });
  }
  void WaitFor(size_t answers) {
    while (answers_.size() < answers) {
      loop_->Poll(std::chrono::milliseconds(50));
    }
  }
  std::string Answer(NameQuestion asks, std::string name, uint16_t number = 0) {
    const size_t before = answers_.size();
    Ask(asks, std::move(name), number);
    WaitFor(before + 1);
    return answers_.back();
  }

  base::SystemClock clock_;
  std::unique_ptr<net::EventLoop> loop_ =
      net::EventLoop::Create(clock_).value();
  DnsServer dns_;
  NameService names_{*loop_,
                     {.threads = 2,
                      .max_waiting_for_host = 10,
                      .max_waiting_for_worker = 8,
                      .dns_server = dns_.address()}};
  std::vector<std::string> answers_;
  std::vector<std::string> workers_;
};

TEST_F(NameServiceTest, AddressesAreThoseThatTheMachineKnows) {
  EXPECT_THAT(Answer(NameQuestion::kAddresses, "localhost"),
              HasSubstr("127.0.0.1"));
}

TEST_F(NameServiceTest, WhatIsNoNameHasNone) {
  for (const char* name : {"", "a b", "a/b", "fe80::1%eth0", "\xC3\xA4.de"}) {
    EXPECT_EQ(Answer(NameQuestion::kAddresses, name), "EAI_NONAME") << name;
    EXPECT_EQ(Answer(NameQuestion::kRecords, name, 1), "EBADNAME") << name;
  }
  EXPECT_EQ(Answer(NameQuestion::kAddresses, std::string(254, 'a')),
            "EAI_NONAME");
  EXPECT_EQ(Answer(NameQuestion::kRecords, std::string(80, 'a') + ".de", 1),
            "EBADNAME");
}

TEST_F(NameServiceTest, AnAddressHasAHostAndAPortAService) {
  EXPECT_THAT(Answer(NameQuestion::kHost, "127.0.0.1", 22),
              testing::MatchesRegex("localhost.*\nssh"));
  EXPECT_EQ(Answer(NameQuestion::kHost, "localhost", 22), "EAI_NONAME");
}

TEST_F(NameServiceTest, RecordsComeAsTheServerSentThem) {
  Ask(NameQuestion::kRecords, "example.com", 1);
  const std::string sent = dns_.AnswerOne();
  WaitFor(1);
  EXPECT_EQ(answers_[0], sent);
}

TEST_F(NameServiceTest, OneWorkersQuestionsLeaveAThreadToTheOthers) {
  for (int i = 0; i < 6; ++i) Ask(NameQuestion::kRecords, "dead.example", 1);
  Ask(NameQuestion::kAddresses, "localhost", 0, "another");
  WaitFor(1);
  EXPECT_EQ(workers_[0], "another");
  for (size_t i = 1; i < 7; ++i) {
    dns_.AnswerOne();
    WaitFor(i + 1);
  }
}

TEST_F(NameServiceTest, AWorkerHasSoManyQuestionsAtATime) {
  for (int i = 0; i < 9; ++i) Ask(NameQuestion::kRecords, "dead.example", 1);
  WaitFor(1);
  EXPECT_EQ(answers_[0], "ENOMEM");
  for (size_t i = 1; i < 9; ++i) {
    dns_.AnswerOne();
    WaitFor(i + 1);
  }
}

TEST_F(NameServiceTest, AHostHasSoManyQuestionsInTheNamesOfAllWorkers) {
  for (int i = 0; i < 11; ++i) {
    Ask(NameQuestion::kRecords, "dead.example", 1, "w" + std::to_string(i));
  }
  WaitFor(1);
  EXPECT_EQ(answers_[0], "ENOMEM");
  EXPECT_EQ(workers_[0], "w10");
  Ask(NameQuestion::kRecords, "example.com", 1, "w", "another host");
  for (size_t i = 1; i < 12; ++i) {
    dns_.AnswerOne();
    WaitFor(i + 1);
  }
  EXPECT_THAT(workers_, testing::Contains("w"));
}

TEST_F(NameServiceTest, AHostThatLeavesTakesItsQuestionsAlong) {
  for (int i = 0; i < 8; ++i) Ask(NameQuestion::kRecords, "dead.example", 1);
  names_.OnHostLeft("h");
  names_.OnHostLeft("h");
  Ask(NameQuestion::kRecords, "example.com", 1, "w", "another host");
  // The one that runs has its thread still, and is not heard.
  dns_.AnswerOne();
  while (!dns_.Asked()) loop_->Poll(std::chrono::milliseconds(5));
  const std::string sent = dns_.AnswerOne();
  WaitFor(1);
  EXPECT_EQ(answers_, std::vector{sent});
  EXPECT_FALSE(dns_.Asked());
}

TEST_F(NameServiceTest, AQuestionThatFindsNoThreadInTimeHasNoAnswer) {
  NameService names(*loop_, {.threads = 2,
                             .max_wait = std::chrono::milliseconds(1),
                             .dns_server = dns_.address()});
  const auto ask = [&](NameQuestion asks, uint16_t number) {
    names.Ask("h", {0, {"w"}, asks, "dead.example", number},
              [this](Result<std::string> answer) {
                answers_.push_back(answer ? *answer : answer.error().message());
              });
  };
  ask(NameQuestion::kRecords, 1);
  ask(NameQuestion::kRecords, 1);
  ask(NameQuestion::kAddresses, 0);
  WaitFor(2);
  EXPECT_THAT(answers_, testing::UnorderedElementsAre("ETIMEOUT", "EAI_AGAIN"));
  const std::string sent = dns_.AnswerOne();
  WaitFor(3);
  EXPECT_EQ(answers_[2], sent);
}

}  // namespace
}  // namespace caravel::daemon
