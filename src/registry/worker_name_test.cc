#include "registry/worker_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;

TEST(WorkerNameTest, LabelsAreNames) {
  for (const std::string_view name : {"a", "hello-world", "my_worker2", "0"}) {
    EXPECT_TRUE(CheckWorkerName(name)) << name;
  }
  EXPECT_TRUE(CheckWorkerName(std::string(63, 'a')));
}

TEST(WorkerNameTest, WhatIsNoNameIsToldWhy) {
  EXPECT_THAT(CheckWorkerName(std::string(64, 'a')).error().ToText(),
              HasSubstr("has 64 characters\nuse 1 to 63 of a-z"));
  EXPECT_THAT(CheckWorkerName("Hello").error().message(),
              HasSubstr("Worker name \"Hello\": has another character"));
  EXPECT_THAT(CheckWorkerName("").error().message(), HasSubstr("is empty"));
  EXPECT_THAT(CheckWorkerName("a-").error().message(),
              HasSubstr("begins or ends with a dash"));
  EXPECT_FALSE(CheckWorkerName("a.b"));
  EXPECT_FALSE(CheckWorkerName("a/b"));
}

TEST(BindingNameTest, IdentifiersAreNames) {
  EXPECT_TRUE(CheckBindingName("API_KEY"));
  EXPECT_TRUE(CheckBindingName("$a1"));
  EXPECT_FALSE(CheckBindingName(""));
  EXPECT_FALSE(CheckBindingName("1a"));
  EXPECT_FALSE(CheckBindingName("a-b"));
}

}  // namespace
}  // namespace caravel::registry
