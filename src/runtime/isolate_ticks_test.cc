// process.nextTick() and AsyncLocalStorage: what runs when, and in the name of
// which invocation.
#include <gmock/gmock.h>

#include "runtime/testing/node_fixture.h"

namespace caravel::runtime {
namespace {

using ::testing::HasSubstr;

class IsolateTicksTest : public NodeFixture {};

TEST_F(IsolateTicksTest, TicksRunBeforeMicrotasksAndAfterTheCall) {
  ASSERT_EQ(LoadNode("",
                     "const order = [];"
                     "await new Promise((done) => setTimeout(() => {"
                     "  Promise.resolve().then(() => order.push('micro'));"
                     "  process.nextTick(() => order.push('tick'));"
                     "  order.push('call');"
                     "  setTimeout(done, 1);"
                     "}, 1));"
                     "return order;"),
            "");
  EXPECT_EQ(Ask(), "200 call,tick,micro");
}

TEST_F(IsolateTicksTest, ATickThatThrowsKeepsNoOtherFromRunning) {
  ASSERT_EQ(LoadNode("",
                     "return new Promise((done) => setTimeout(() => {"
                     "  process.nextTick(() => { throw new Error('one'); });"
                     "  process.nextTick(() => done('two'));"
                     "}, 1));"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 two");
  ASSERT_NE(Event(id), nullptr);
  ASSERT_EQ(Event(id)->exceptions.size(), 1U);
  EXPECT_EQ(Event(id)->exceptions[0].message, "one");
}

// The storage and the invocation travel in the same place.
TEST_F(IsolateTicksTest, StoragesOfInvocationsAreApartAndSoAreTheirLogs) {
  ASSERT_EQ(
      LoadNode("import { AsyncLocalStorage } from 'node:async_hooks';\n"
               "const storage = new AsyncLocalStorage();\n"
               "let count = 0;",
               "const mine = ++count;"
               "return storage.run(mine, async () => {"
               "  await new Promise((done) => setTimeout(done, 5));"
               "  console.log('line of ' + mine);"
               "  return storage.getStore() === mine && storage.getStore();"
               "});"),
      "");
  const InvocationId first = Arrive("/");
  const InvocationId second = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(first), "200 1");
  EXPECT_EQ(Answer(second), "200 2");
  ASSERT_NE(Event(first), nullptr);
  ASSERT_NE(Event(second), nullptr);
  ASSERT_EQ(Event(first)->logs.size(), 1U);
  EXPECT_THAT(Event(first)->logs[0].message, HasSubstr("line of 1"));
  ASSERT_EQ(Event(second)->logs.size(), 1U);
  EXPECT_THAT(Event(second)->logs[0].message, HasSubstr("line of 2"));
}

TEST_F(IsolateTicksTest, ATickBelongsToTheInvocationThatAskedForIt) {
  ASSERT_EQ(LoadNode("let wake; let first = true;",
                     "if (first) {"
                     "  first = false;"
                     "  await new Promise((done) => { wake = done; });"
                     "  await new Promise((done) => process.nextTick(() => {"
                     "    console.log('tick of the first'); done();"
                     "  }));"
                     "  return 1;"
                     "}"
                     "wake();"
                     "await new Promise((done) => setTimeout(done, 5));"
                     "return 2;"),
            "");
  const InvocationId first = Arrive("/");
  const InvocationId timer_keeper = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(first), "200 1");
  EXPECT_EQ(Answer(timer_keeper), "200 2");
  ASSERT_NE(Event(first), nullptr);
  EXPECT_EQ(Event(first)->logs.size(), 1U);
  EXPECT_TRUE(Event(timer_keeper) == nullptr ||
              Event(timer_keeper)->logs.empty());
}

TEST_F(IsolateTicksTest, WhatWasBoundBeforeAnyRequestRunsAsTheOneThatCallsIt) {
  ASSERT_EQ(LoadNode("import { AsyncLocalStorage } from 'node:async_hooks';\n"
                     "const storage = new AsyncLocalStorage();\n"
                     "const run = storage.run('bound', () => "
                     "AsyncLocalStorage.snapshot());",
                     "return run(async () => {"
                     "  await new Promise((done) => setTimeout(done, 1));"
                     "  return storage.getStore();"
                     "});"),
            "");
  EXPECT_EQ(Ask(), "200 bound");
}

// Its ticks would run in the next invocation's name.
TEST_F(IsolateTicksTest, AnIsolateThatIsEndedInATickIsDropped) {
  ASSERT_EQ(LoadNode("let calls = 0;",
                     "if (++calls > 1) return 'other';"
                     "for (let i = 0; i < 9; i++) {"
                     "  process.nextTick(() => { for (;;); });"
                     "}"
                     "await new Promise((done) => setTimeout(done, 5));"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(id), "exceededCpu");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateTicksTest, ACallThatIsEndedElsewhereLeavesTheIsolate) {
  ASSERT_EQ(LoadNode("import 'node:stream'; let calls = 0;",
                     "if (++calls > 1) return 'other';"
                     "for (;;);"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(id), "exceededCpu");
  EXPECT_FALSE(isolate_->condemned());
  EXPECT_EQ(Ask(), "200 other");
}

TEST_F(IsolateTicksTest, AListenerThatThrowsIsReportedAndTheTicksGoOn) {
  ASSERT_EQ(LoadNode("",
                     "process.setUncaughtExceptionCaptureCallback(() => {"
                     "  throw new Error('in the callback'); });"
                     "return new Promise((done) => {"
                     "  process.nextTick(() => { throw new Error('first'); });"
                     "  process.nextTick(() => done('second'));"
                     "});"),
            "");
  const InvocationId id = Arrive("/");
  TurnUntilQuiet();
  EXPECT_EQ(Answer(id), "200 second");
  ASSERT_NE(Event(id), nullptr);
  EXPECT_EQ(Event(id)->exceptions.at(0).message, "in the callback");
}

// V8 ends the process over a buffer that it cannot get.
TEST_F(IsolateTicksTest, TicksNeedNoMemoryOfTheIsolate) {
  ASSERT_EQ(LoadNode("",
                     "const all = [];"
                     "for (let size = 2 ** 27; size >= 1; size /= 2) {"
                     "  try { for (;;) all.push(new ArrayBuffer(size)); }"
                     "  catch { if (size <= 64) break; }"
                     "  if (all.length > 200) break;"
                     "}"
                     "return typeof process.nextTick + new Uint8Array(8)"
                     ".buffer.byteLength;"),
            "");
  Ask();  // that it comes back is what is asked
}

}  // namespace
}  // namespace caravel::runtime
