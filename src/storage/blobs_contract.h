#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/blobs.h"

// What every Blobs does. An implementation instantiates BlobsContract with a
// function that makes an empty store. A test program includes this in one file.
namespace caravel::storage {

struct TestBlobs {
  std::shared_ptr<void> ground;  // what the store needs to live
  std::unique_ptr<Blobs> blobs;
};

class BlobsContract
    : public ::testing::TestWithParam<std::function<TestBlobs()>> {
 protected:
  static constexpr size_t kLimit = 1 << 20;
  // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
  static constexpr std::string_view kAbc =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  Blobs& blobs() { return *test_.blobs; }

  static std::string Content(const Result<base::Fd>& fd) {
    return fd ? base::ReadWholeFile(*fd, kLimit).value() : fd.error().message();
  }

  TestBlobs test_ = GetParam()();
};

TEST_P(BlobsContract, ABlobIsFoundUnderItsDigest) {
  EXPECT_EQ(blobs().Put("abc").value(), kAbc);
  EXPECT_EQ(Content(blobs().Open(kAbc)), "abc");
  EXPECT_TRUE(blobs().Exists(kAbc).value());
  EXPECT_TRUE(blobs().Verify(kAbc));
}

TEST_P(BlobsContract, AnEmptyAndABinaryBlobAreBlobs) {
  const std::string binary("\0\xFF\n\0", 4);
  EXPECT_EQ(Content(blobs().Open(blobs().Put("").value())), "");
  EXPECT_EQ(Content(blobs().Open(blobs().Put(binary).value())), binary);
}

TEST_P(BlobsContract, PuttingTwiceKeepsOne) {
  EXPECT_EQ(blobs().Put("abc").value(), blobs().Put("abc").value());
  EXPECT_EQ(Content(blobs().Open(kAbc)), "abc");
}

TEST_P(BlobsContract, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(blobs().Open(kAbc).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(blobs().Verify(kAbc).error().code(), ErrorCode::kNotFound);
  EXPECT_FALSE(blobs().Exists(kAbc).value());
  EXPECT_TRUE(blobs().Remove(kAbc));
}

TEST_P(BlobsContract, ADescriptorOutlivesTheRemoval) {
  ASSERT_TRUE(blobs().Put("abc"));
  const auto open = blobs().Open(kAbc);
  ASSERT_TRUE(blobs().Remove(kAbc));
  EXPECT_FALSE(blobs().Exists(kAbc).value());
  EXPECT_EQ(Content(open), "abc");
}

TEST_P(BlobsContract, SideFilesComeReplacedAndGoWithTheirBlob) {
  ASSERT_TRUE(blobs().Put("abc"));
  ASSERT_TRUE(blobs().PutBeside(kAbc, "code_cache-14.6", "one"));
  ASSERT_TRUE(blobs().PutBeside(kAbc, "code_cache-14.6", "two"));
  EXPECT_EQ(Content(blobs().OpenBeside(kAbc, "code_cache-14.6")), "two");
  EXPECT_EQ(blobs().OpenBeside(kAbc, "other").error().code(),
            ErrorCode::kNotFound);
  ASSERT_TRUE(blobs().Remove(kAbc));
  ASSERT_TRUE(blobs().Put("abc"));
  EXPECT_EQ(blobs().OpenBeside(kAbc, "code_cache-14.6").error().code(),
            ErrorCode::kNotFound);
}

TEST_P(BlobsContract, NothingLiesBesideABlobThatIsNotThere) {
  EXPECT_EQ(blobs().PutBeside(kAbc, "x", "").error().code(),
            ErrorCode::kNotFound);
}

TEST_P(BlobsContract, NamesThatLeadElsewhereAreRefused) {
  for (const char* digest : {"", "abc", "../../../../etc/passwd"}) {
    EXPECT_EQ(blobs().Open(digest).error().code(), ErrorCode::kInvalid);
    EXPECT_EQ(blobs().Remove(digest).error().code(), ErrorCode::kInvalid);
  }
  ASSERT_TRUE(blobs().Put("abc"));
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"),
        std::string(101, 'x'), std::string("a\0b", 3)}) {
    EXPECT_EQ(blobs().PutBeside(kAbc, name, "").error().code(),
              ErrorCode::kInvalid);
    EXPECT_EQ(blobs().OpenBeside(kAbc, name).error().code(),
              ErrorCode::kInvalid);
  }
}

TEST_P(BlobsContract, ThreadsThatPutTheSameBlobAllSucceed) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int time = 0; time < 10; ++time) {
        const auto digest = blobs().Put(std::string(10'000, 'x'));
        EXPECT_TRUE(digest && blobs().Verify(*digest));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace caravel::storage
