#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"

namespace caravel::runtime {
namespace {

using registry::NameQuestion;
using testing::IsEmpty;
using testing::SizeIs;

// A Worker that asks for names with node:dns; the test is the resolver.
class IsolateNamesTest : public IsolateFixture {
 protected:
  // Begins a request whose handler answers with what `expression` comes to.
  void Evaluate(const std::string& expression) {
    compatibility_date_ = "2026-08-04";
    registry::Limits limits;
    limits.cpu_ms = 10'000;  // the library is compiled on first use
    ASSERT_EQ(Load("import dns from 'node:dns'; const p = dns.promises;"
                   "export default { async fetch() { let value;"
                   " try { value = await (" +
                       expression +
                       ") } catch (e) {"
                       "  value = { code: e.code, message: e.message } }"
                       " return Response.json(value) } }",
                   limits),
              "");
    id_ = Arrive("/");
    Turn();
  }
  AskName Question() { return Asked<AskName>().back(); }
  void Reply(std::string error, std::string answer = {}) {
    Arrive(
        NameAnswered{Question().question, std::move(error), std::move(answer)});
    TurnUntilQuiet();
  }
  // A message with one question, for "a.b", and records of that name.
  static std::string Message(std::vector<std::string> records, char code = 0) {
    using std::string_literals::operator""s;
    std::string all = "\0\1\x81"s + static_cast<char>(0x80 | code) + "\0\1\0"s +
                      static_cast<char>(records.size()) + "\0\0\0\0"s +
                      "\1a\1b\0\0\1\0\1"s;
    for (const std::string& record : records) all += "\xC0\x0C" + record;
    return all;
  }
  // Type and data of a record that lives for a minute.
  static std::string Record(uint16_t type, const std::string& data) {
    std::string record;
    record += static_cast<char>(type >> 8);
    record += static_cast<char>(type);
    record += std::string("\0\1\0\0\0\x3C\0", 7);
    record += static_cast<char>(data.size());
    return record + data;
  }
  InvocationId id_ = 0;
};

using std::string_literals::operator""s;

TEST_F(IsolateNamesTest, LookupGivesAddressesInTheOrderAskedFor) {
  Evaluate("p.lookup('db.example', { all: true, order: 'ipv4first' })");
  EXPECT_EQ(Question().name, "db.example");
  EXPECT_EQ(Question().asks, NameQuestion::kAddresses);
  Reply("", "2001:db8::1\n192.0.2.1");
  EXPECT_EQ(Answer(id_), R"(200 [{"address":"192.0.2.1","family":4},)"
                         R"({"address":"2001:db8::1","family":6}])");
}

TEST_F(IsolateNamesTest, LookupOfOneFamilyMapsWhereThatIsAskedFor) {
  Evaluate("p.lookup('db.example', { family: 6, hints: dns.V4MAPPED })");
  Reply("", "192.0.2.1");
  EXPECT_EQ(Answer(id_), R"(200 {"address":"::ffff:192.0.2.1","family":6})");
}

TEST_F(IsolateNamesTest, LookupFailsAsNodesDoes) {
  Evaluate("new Promise((_, no) => dns.lookup('gone.example', no))");
  Reply("EAI_NONAME");
  EXPECT_EQ(Answer(id_), R"(200 {"code":"ENOTFOUND",)"
                         R"("message":"getaddrinfo ENOTFOUND gone.example"})");
}

TEST_F(IsolateNamesTest, ThisMachineNeedsNoAsking) {
  Evaluate("p.lookup('localhost')");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), R"(200 {"address":"127.0.0.1","family":4})");
  EXPECT_THAT(Asked<AskName>(), IsEmpty());
}

TEST_F(IsolateNamesTest, AddressesComeWithTheTimeThatTheyLive) {
  Evaluate("p.resolve4('a.b', { ttl: true })");
  EXPECT_EQ(Question().asks, NameQuestion::kRecords);
  EXPECT_EQ(Question().number, 1);
  Reply("", Message({Record(5, "\1c\xC0\x0E"s), Record(1, "\1\2\3\4")}));
  EXPECT_EQ(Answer(id_), R"(200 [{"address":"1.2.3.4","ttl":60}])");
}

struct Case {
  const char* function;
  uint16_t type;
  std::string data;
  std::string json;
};

TEST_F(IsolateNamesTest, RecordsOfEachTypeHaveTheFormOfNode) {
  const Case kCases[] = {
      {"Mx", 15, "\0\x0A\4mail\xC0\x0C"s,
       R"([{"exchange":"mail.a.b","priority":10}])"},
      {"Txt", 16, "\3one\3two"s, R"([["one","two"]])"},
      {"Srv", 33, "\0\1\0\2\x15\x38\xC0\x0C"s,
       R"([{"name":"a.b","port":5432,"priority":1,"weight":2}])"},
      {"Ns", 2, "\2ns\xC0\x0E"s, R"(["ns.b"])"},
      {"Cname", 5, "\xC0\x0C", R"(["a.b"])"},
      {"Ptr", 12, "\xC0\x0C", R"(["a.b"])"},
      {"6", 28, "\x20\1\x0D\xB8"s + std::string(11, '\0') + "\1",
       R"(["2001:db8::1"])"},
      {"Soa", 6, "\xC0\x0C\xC0\x0E\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"s,
       R"({"nsname":"a.b","hostmaster":"b","serial":1,"refresh":2,)"
       R"("retry":3,"expire":4,"minttl":5})"},
      {"Caa", 257, "\0\5issueca.example"s,
       R"([{"critical":0,"issue":"ca.example"}])"},
      {"Naptr", 35, "\0\1\0\2\1s\3SIP\0\xC0\x0C"s,
       R"([{"flags":"s","service":"SIP","regexp":"","replacement":"a.b",)"
       R"("order":1,"preference":2}])"},
  };
  std::string calls;
  std::string expected;
  for (const Case& each : kCases) {
    calls += fmt::format("p.resolve{}('a.b'),", each.function);
    expected += (expected.empty() ? "" : ",") + each.json;
  }
  Evaluate("Promise.all([" + calls + "])");
  const std::vector<AskName> asked = Asked<AskName>();
  ASSERT_THAT(asked, SizeIs(std::size(kCases)));
  for (size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(asked[i].number, kCases[i].type);
    Arrive(NameAnswered{asked[i].question, "",
                        Message({Record(kCases[i].type, kCases[i].data)})});
  }
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 [" + expected + "]");
}

TEST_F(IsolateNamesTest, AnyGivesWhatThereIsWithItsType) {
  Evaluate("p.resolveAny('a.b')");
  EXPECT_EQ(Question().number, 255);
  Reply("", Message({Record(1, "\1\2\3\4"), Record(2, "\xC0\x0C"),
                     Record(999, "what"), Record(16, "\1t")}));
  EXPECT_EQ(Answer(id_),
            R"(200 [{"address":"1.2.3.4","ttl":60,"type":"A"},)"
            R"({"value":"a.b","type":"NS"},{"entries":["t"],"type":"TXT"}])");
}

struct Wrong {
  const char* type;
  std::string message;
  const char* code;
};

TEST_F(IsolateNamesTest, WhatServersRefuseIsACode) {
  const Wrong kCases[] = {
      {"A", Message({}), "ENODATA"},
      {"A", Message({}, 3), "ENOTFOUND"},
      {"A", Message({}, 2), "ESERVFAIL"},
      {"A", Message({}, 5), "EREFUSED"},
      {"A", "short", "EBADRESP"},
      {"A", Message({Record(1, "\1")}), "EBADRESP"},
      {"A", Message({"\0\2"s}), "EBADRESP"},
      {"NS", Message({Record(2, "\xC0\x21")}), "EBADRESP"},  // itself
      {"TXT", Message({Record(16, "\x09too")}), "EBADRESP"},
  };
  std::string calls;
  std::string expected;
  for (const Wrong& each : kCases) {
    calls +=
        fmt::format("p.resolve('a.b', '{}').catch((e) => e.code),", each.type);
    expected += fmt::format("{}\"{}\"", expected.empty() ? "" : ",", each.code);
  }
  Evaluate("Promise.all([" + calls + "])");
  const std::vector<AskName> asked = Asked<AskName>();
  ASSERT_THAT(asked, SizeIs(std::size(kCases)));
  for (size_t i = 0; i < asked.size(); ++i) {
    Arrive(NameAnswered{asked[i].question, "", kCases[i].message});
  }
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_), "200 [" + expected + "]");
}

TEST_F(IsolateNamesTest, AnAddressHasItsNameAndAPortItsService) {
  Evaluate(
      "Promise.all([p.reverse('192.0.2.1'),"
      " p.lookupService('192.0.2.1', 22)])");
  ASSERT_THAT(Asked<AskName>(), SizeIs(2));
  for (const AskName& each : Asked<AskName>()) {
    EXPECT_EQ(each.asks, NameQuestion::kHost);
    Arrive(NameAnswered{each.question, "", "db.example\nssh"});
  }
  TurnUntilQuiet();
  EXPECT_EQ(
      Answer(id_),
      R"(200 [["db.example"],{"hostname":"db.example","service":"ssh"}])");
}

TEST_F(IsolateNamesTest, CancelEndsWhatAResolverWaitsFor) {
  Evaluate(
      "(() => { const r = new p.Resolver(); const asked = r.resolve4('a.b');"
      " r.cancel(); return asked })()");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id_),
            R"(200 {"code":"ECANCELLED","message":"queryA ECANCELLED a.b"})");
}

}  // namespace
}  // namespace caravel::runtime
