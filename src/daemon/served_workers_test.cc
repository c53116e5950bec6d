#include "daemon/served_workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ServedWorkers::Held Edition(const std::string& text,
                            const std::string& worker = "worker") {
  registry::Version version;
  version.id.value = text;
  ServedWorkers::Held held;
  held.worker.id.value = worker;
  held.worker.versions = {version};
  held.bundle = base::SealedMemoryFile("bundle", text).value();
  return held;
}

class ServedWorkersTest : public ::testing::Test {
 protected:
  // The bundle's text, or the error's.
  std::string Open(const std::string& id) {
    registry::Version version;
    version.id.value = id;
    Result<OpenedBundle> opened = served_.Open(version);
    if (!opened) return opened.error().ToText();
    return base::ReadWholeFile(opened->bundle, 100).value();
  }

  ServedWorkers served_;
};

TEST_F(ServedWorkersTest, TellsOfEachVersionOnce) {
  const registry::Sequence first = served_.Serve(Edition("one"));
  EXPECT_THAT(served_.After(first).value(), IsEmpty());
  const registry::Sequence second = served_.Serve(Edition("two"));
  const auto changes = served_.After(first).value();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].sequence, second);
  EXPECT_EQ(changes[0].now->versions[0].id.value, "two");
  EXPECT_EQ(served_.Load().value().sequence, second);
}

TEST_F(ServedWorkersTest, KeepsTheBundleBeforeForHostsThatLag) {
  served_.Serve(Edition("one"));
  EXPECT_EQ(Open("one"), "one");
  served_.Serve(Edition("two"));
  EXPECT_FALSE(served_.Serves({"worker"}, {"one"}));
  EXPECT_TRUE(served_.Serves({"worker"}, {"two"}));
  EXPECT_EQ(Open("one"), "one");
  EXPECT_EQ(Open("two"), "two");
  served_.Serve(Edition("three"));
  EXPECT_THAT(Open("one"), HasSubstr("version one is not served"));
  EXPECT_EQ(Open("two"), "two");
}

TEST_F(ServedWorkersTest, TellsOfEachWorkerInTheOrderOfItsLastVersion) {
  const registry::Sequence first = served_.Serve(Edition("a1", "a"));
  served_.Serve(Edition("b1", "b"));
  served_.Serve(Edition("a2", "a"));
  const auto changes = served_.After(first).value();
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].now->versions[0].id.value, "b1");
  EXPECT_EQ(changes[1].now->versions[0].id.value, "a2");
  EXPECT_LT(changes[0].sequence, changes[1].sequence);
  EXPECT_THAT(served_.Load().value().workers, SizeIs(2));
  for (const char* version : {"a1", "a2", "b1"}) {
    EXPECT_EQ(Open(version), version);
  }
  EXPECT_FALSE(served_.Serves({"b"}, {"a2"}));
}

}  // namespace
}  // namespace caravel::daemon
