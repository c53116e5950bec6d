#include "registry/bundle.h"

#include "base/crc32c.h"

namespace caravel::registry {
namespace {

using ::testing::HasSubstr;

std::vector<Module> Modules() {
  return {
      {"index.js", ModuleType::kEsModule, "export default {}"},
      {"./a.wasm", ModuleType::kWasm, std::string("\0asm\x01\0\0\0", 8)},
      {"./empty.txt", ModuleType::kText, ""},
      {"index.js.map", ModuleType::kSourceMap, "{\"version\":3}"},
  };
}

std::string WrittenBundle() {
  return WriteBundle("index.js", Modules()).value();
}

Result<Bundle> MapBytes(std::string_view bytes) {
  return Bundle::Map(base::SealedMemoryFile("bundle", bytes).value());
}

std::string WhyNotMapped(std::string_view bytes) {
  const Result<Bundle> bundle = MapBytes(bytes);
  return bundle ? "mapped" : bundle.error().message();
}

// The same bytes with a number changed and a checksum that is right again.
std::string Patched(size_t at, uint32_t number) {
  std::string bytes = WrittenBundle();
  bytes.replace(at, sizeof number, reinterpret_cast<const char*>(&number),
                sizeof number);
  const uint32_t checksum = base::Crc32c(std::string_view(bytes).substr(12));
  bytes.replace(8, sizeof checksum, reinterpret_cast<const char*>(&checksum),
                sizeof checksum);
  return bytes;
}

TEST(BundleTest, WhatIsWrittenIsMappedAgain) {
  const Bundle bundle = MapBytes(WrittenBundle()).value();
  EXPECT_EQ(bundle.main_module(), "index.js");
  ASSERT_EQ(bundle.modules().size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(bundle.modules()[i].name, Modules()[i].name);
    EXPECT_EQ(bundle.modules()[i].type, Modules()[i].type);
    EXPECT_EQ(bundle.modules()[i].content, Modules()[i].content);
  }
}

TEST(BundleTest, ContentsLieAtMultiplesOfEight) {
  const Bundle bundle = MapBytes(WrittenBundle()).value();
  for (const Bundle::ModuleView& module : bundle.modules()) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(module.content.data()) % 8, 0U);
  }
}

TEST(BundleTest, ModulesAreFoundByName) {
  const Bundle bundle = MapBytes(WrittenBundle()).value();
  ASSERT_NE(bundle.Find("./a.wasm"), nullptr);
  EXPECT_EQ(bundle.Find("./a.wasm")->type, ModuleType::kWasm);
  EXPECT_EQ(bundle.Find("a.wasm"), nullptr);
}

TEST(BundleTest, StaysMappedWhenMoved) {
  Bundle first = MapBytes(WrittenBundle()).value();
  Bundle second = std::move(first);
  first = MapBytes(WrittenBundle()).value();
  second = std::move(first);
  EXPECT_EQ(second.Find("index.js")->content, "export default {}");
}

TEST(BundleTest, OneFlippedBitAnywhereIsNoticed) {
  const std::string good = WrittenBundle();
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 0x10;
    EXPECT_FALSE(MapBytes(bad)) << "byte " << at;
  }
}

TEST(BundleTest, EveryTruncationIsNoticed) {
  const std::string good = WrittenBundle();
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(MapBytes(good.substr(0, size))) << size << " bytes";
  }
}

TEST(BundleTest, ATableThatLiesIsRefusedAlthoughTheChecksumIsRight) {
  constexpr size_t kEntry = 32;
  EXPECT_THAT(WhyNotMapped(Patched(12, 2)), HasSubstr("format 2 is unknown"));
  EXPECT_THAT(WhyNotMapped(Patched(16, 8)), HasSubstr("should have 8"));
  EXPECT_THAT(WhyNotMapped(Patched(24, ~0U)),
              HasSubstr("longer than the file"));
  EXPECT_THAT(WhyNotMapped(Patched(28, 4)), HasSubstr("main module"));
  EXPECT_THAT(WhyNotMapped(Patched(28, 1)), HasSubstr("main module"));
  EXPECT_THAT(WhyNotMapped(Patched(kEntry, 99)), HasSubstr("type 99"));
  EXPECT_THAT(WhyNotMapped(Patched(kEntry + 4, 0)), HasSubstr("no name"));
  EXPECT_THAT(WhyNotMapped(Patched(kEntry + 4, ~0U)), HasSubstr("outside"));
  EXPECT_THAT(WhyNotMapped(Patched(kEntry + 12, ~0U)), HasSubstr("outside"));
  EXPECT_THAT(WhyNotMapped(Patched(kEntry + 28, ~0U)), HasSubstr("outside"));
}

TEST(BundleTest, RefusesModulesThatNoWorkerCanUse) {
  const auto why = [](std::string_view main, std::vector<Module> modules) {
    return WriteBundle(main, modules).error().message();
  };
  EXPECT_EQ(why("main.js", Modules()),
            "main module \"main.js\" is not among the 4 modules");
  EXPECT_EQ(why("./a.wasm", Modules()),
            "main module \"./a.wasm\" is not an ES module");
  EXPECT_EQ(why("a", {{"a", {}, ""}, {"a", {}, ""}}),
            "module \"a\" is there twice");
  EXPECT_EQ(why("", {{"", {}, ""}}), "a module has an empty name");
}

}  // namespace
}  // namespace caravel::registry
