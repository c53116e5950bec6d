#include "daemon/served_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::daemon {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ServedWorker::Held Edition(const std::string& text) {
  registry::Version version;
  version.id.value = text;
  ServedWorker::Held held;
  held.worker.id.value = "worker";
  held.worker.versions = {version};
  held.bundle = base::SealedMemoryFile("bundle", text).value();
  return held;
}

class ServedWorkerTest : public ::testing::Test {
 protected:
  // The bundle's text, or the error's.
  std::string Open(const std::string& id) {
    registry::Version version;
    version.id.value = id;
    Result<OpenedBundle> opened = served_.Open(version);
    if (!opened) return opened.error().ToText();
    return base::ReadWholeFile(opened->bundle, 100).value();
  }

  ServedWorker served_;
};

TEST_F(ServedWorkerTest, TellsOfEachVersionOnce) {
  const registry::Sequence first = served_.Serve(Edition("one"));
  EXPECT_THAT(served_.After(first).value(), IsEmpty());
  const registry::Sequence second = served_.Serve(Edition("two"));
  const auto changes = served_.After(first).value();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].sequence, second);
  EXPECT_EQ(changes[0].now->versions[0].id.value, "two");
  EXPECT_EQ(served_.Load().value().sequence, second);
}

TEST_F(ServedWorkerTest, KeepsTheBundleBeforeForHostsThatLag) {
  served_.Serve(Edition("one"));
  EXPECT_EQ(Open("one"), "one");
  served_.Serve(Edition("two"));
  EXPECT_FALSE(served_.Serves(registry::VersionId{"one"}));
  EXPECT_TRUE(served_.Serves(registry::VersionId{"two"}));
  EXPECT_EQ(Open("one"), "one");
  EXPECT_EQ(Open("two"), "two");
  served_.Serve(Edition("three"));
  EXPECT_THAT(Open("one"), HasSubstr("version one is not served"));
  EXPECT_EQ(Open("two"), "two");
}

}  // namespace
}  // namespace caravel::daemon
