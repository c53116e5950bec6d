#include "runtime/wasm_module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caravel::runtime {
namespace {

using testing::HasSubstr;

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}
std::string Section(int id, const std::string& content) {
  return Bytes({id, static_cast<int>(content.size())}) + content;
}

const std::string kPreamble = std::string("\0asm", 4) + Bytes({1, 0, 0, 0});
const std::string kOneMemory = Section(5, Bytes({1, 1, 1, 2}));
const std::string kCustom = Section(0, "\4note");
// What is exported under "m" is the memory of that number.
std::string Exported(int memory) {
  return Section(7, Bytes({1, 1, 'm', 2, memory}));
}
const std::string kAddedName = Bytes({14}) + "caravel:memory";

TEST(WasmModuleTest, IsLeftAsItIsWhenItExportsItsMemory) {
  EXPECT_EQ(ExportMemories(kPreamble).value(), "");
  EXPECT_EQ(ExportMemories(kPreamble + kOneMemory + Exported(0)).value(), "");
}

TEST(WasmModuleTest, GetsExportsWhereItHasNone) {
  const std::string behind = Section(10, Bytes({0})) + kCustom;
  EXPECT_EQ(ExportMemories(kPreamble + kCustom + kOneMemory + behind).value(),
            kPreamble + kCustom + kOneMemory +
                Section(7, Bytes({1}) + kAddedName + Bytes({2, 0})) + behind);
  EXPECT_EQ(ExportMemories(kPreamble + kOneMemory).value(),
            kPreamble + kOneMemory +
                Section(7, Bytes({1}) + kAddedName + Bytes({2, 0})));
}

TEST(WasmModuleTest, KeepsTheExportsThatItHas) {
  const std::string function = Bytes({1, 'f', 0, 0});
  EXPECT_EQ(
      ExportMemories(kPreamble + kOneMemory + Section(7, Bytes({1}) + function))
          .value(),
      kPreamble + kOneMemory +
          Section(7, Bytes({2}) + function + kAddedName + Bytes({2, 0})));
}

TEST(WasmModuleTest, AStartFunctionBecomesAnExportWhereThereAreMemories) {
  const std::string start = Section(8, Bytes({3}));
  const std::string behind = Section(10, Bytes({0}));
  const std::string added = Bytes({13}) + "caravel:start" + Bytes({0, 3});
  EXPECT_EQ(ExportMemories(kPreamble + start + behind).value(), "");
  EXPECT_EQ(ExportMemories(kPreamble + kOneMemory + Exported(0) + kCustom +
                           start + behind)
                .value(),
            kPreamble + kOneMemory +
                Section(7, Bytes({2, 1, 'm', 2, 0}) + added) + kCustom +
                behind);
  EXPECT_EQ(ExportMemories(kPreamble + kOneMemory + start + behind).value(),
            kPreamble + kOneMemory +
                Section(7, Bytes({2}) + kAddedName + Bytes({2, 0}) + added) +
                behind);
}

TEST(WasmModuleTest, TheNameOfStartFunctionsIsTaken) {
  const std::string own = Bytes({13}) + "caravel:start" + Bytes({0, 0});
  const auto refused = ExportMemories(kPreamble + Section(7, Bytes({1}) + own));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("\"caravel:start\""));
}

TEST(WasmModuleTest, ANameThatItHasIsNotTakenTwice) {
  const std::string own = kAddedName + Bytes({0, 0});
  EXPECT_THAT(
      ExportMemories(kPreamble + kOneMemory + Section(7, Bytes({1}) + own))
          .value(),
      HasSubstr("caravel:memory'"));
}

TEST(WasmModuleTest, ImportedMemoriesAreNotItsOwn) {
  const std::string imports = Section(
      2,
      Bytes({6, 1,   'a', 1,   'f', 0,    5,              // a function
             1, 'a', 1,   't', 1,   0x70, 1,    1,    2,  // a table
             1, 'a', 1,   'm', 2,   3,    1,    0x80, 1,  // a shared memory
             1, 'a', 1,   'g', 3,   0x7F, 0,              // a global
             1, 'a', 1,   'r', 3,   0x64, 0x80, 1,    1,  // of a reference type
             1, 'a', 1,   'e', 4,   0,    3}));           // a tag
  EXPECT_EQ(ExportMemories(kPreamble + imports).value(), "");
  EXPECT_EQ(
      ExportMemories(kPreamble + imports + kOneMemory + Exported(1)).value(),
      "");
  EXPECT_THAT(
      ExportMemories(kPreamble + imports + kOneMemory + Exported(0)).value(),
      HasSubstr(kAddedName + Bytes({2, 1})));
}

TEST(WasmModuleTest, SeveralHiddenMemoriesAreNumbered) {
  const std::string module =
      ExportMemories(kPreamble + Section(5, Bytes({2, 0, 1, 0, 1}))).value();
  EXPECT_THAT(module, HasSubstr("caravel:memory:0" + Bytes({2, 0})));
  EXPECT_THAT(module, HasSubstr("caravel:memory:1" + Bytes({2, 1})));
}

TEST(WasmModuleTest, ImportsOfAnUnknownKindAreAnError) {
  const std::string imports = Section(2, Bytes({1, 1, 'a', 1, 'x', 9, 0}));
  const auto exported = ExportMemories(kPreamble + imports + kOneMemory);
  ASSERT_FALSE(exported);
  EXPECT_EQ(exported.error().code(), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace caravel::runtime
