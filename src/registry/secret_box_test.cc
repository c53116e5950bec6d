#include "registry/secret_box.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "storage/testing/temp_folder.h"

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;

const SecretBox kBox(SecretBox::Key{1, 2, 3});

TEST(SecretBoxTest, WhatWasSealedOpensInItsPlaceOnly) {
  const std::string sealed = kBox.Seal("hush", "worker a");
  EXPECT_EQ(sealed.find("hush"), std::string::npos);
  EXPECT_EQ(kBox.Unseal(sealed, "worker a").value(), "hush");
  EXPECT_THAT(kBox.Unseal(sealed, "worker b").error().message(),
              HasSubstr("what was sealed for worker b does not open"));
}

TEST(SecretBoxTest, SealingTwiceGivesDifferentBytes) {
  EXPECT_NE(kBox.Seal("hush", ""), kBox.Seal("hush", ""));
  EXPECT_EQ(kBox.Unseal(kBox.Seal("", "x"), "x").value(), "");
}

TEST(SecretBoxTest, AnotherKeyAndEveryDamageAreNoticed) {
  const std::string sealed = kBox.Seal("hush", "x");
  EXPECT_FALSE(SecretBox(SecretBox::Key{9}).Unseal(sealed, "x"));
  for (size_t at = 0; at < sealed.size(); ++at) {
    std::string damaged = sealed;
    damaged[at] ^= 1;
    EXPECT_FALSE(kBox.Unseal(damaged, "x")) << at;
    EXPECT_FALSE(kBox.Unseal(sealed.substr(0, at), "x")) << at;
  }
}

class KeyFileTest : public ::testing::Test {
 protected:
  storage::TempFolder folder_;
  const std::string path_ = folder_ / "key";
};

TEST_F(KeyFileTest, IsMadeOnceAndReadableByItsOwnerOnly) {
  const SecretBox first = SecretBox::Open(path_).value();
  const SecretBox second = SecretBox::Open(path_).value();
  EXPECT_EQ(second.Unseal(first.Seal("hush", "x"), "x").value(), "hush");
  struct stat status = {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(KeyFileTest, ThatOthersCanReadIsDenied) {
  ASSERT_TRUE(SecretBox::Open(path_));
  std::filesystem::permissions(path_, std::filesystem::perms(0644));
  const auto opened = SecretBox::Open(path_);
  EXPECT_EQ(opened.error().code(), ErrorCode::kDenied);
  EXPECT_THAT(opened.error().message(), HasSubstr("(mode 644)"));
}

TEST_F(KeyFileTest, OfAnotherSizeIsNoKey) {
  ASSERT_TRUE(SecretBox::Open(path_));
  std::ofstream(path_) << "short";
  EXPECT_THAT(SecretBox::Open(path_).error().message(),
              HasSubstr("holds 5 bytes, a key has 32"));
}

TEST(SecretBoxTest, ASignatureIsGoodForItsTextPurposeAndKey) {
  const SecretBox box(SecretBox::Key{1});
  const std::string signature = box.Sign("text", "purpose");
  EXPECT_TRUE(box.IsSigned("text", "purpose", signature));
  EXPECT_FALSE(box.IsSigned("texts", "purpose", signature));
  EXPECT_FALSE(box.IsSigned("text", "other", signature));
  EXPECT_FALSE(box.IsSigned("text", "purpose", ""));
  EXPECT_FALSE(
      SecretBox(SecretBox::Key{2}).IsSigned("text", "purpose", signature));
}

}  // namespace
}  // namespace caravel::registry
