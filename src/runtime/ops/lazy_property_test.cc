#include "runtime/testing/js_test.h"

namespace caravel::runtime {
namespace {

// Every case sees `target`, with a lazy property `lazy` whose value is "made"
// after `during()` was called, and `calls`, how often it was asked for.
class LazyPropertyTest : public JsTest {
 protected:
  LazyPropertyTest() {
    Evaluate(
        "calls = 0; during = () => {}; target = {};"
        "native.defineLazy(target, 'lazy',"
        "                  (name) => { calls++; during(); return name + ' "
        "made' },"
        "                  false)");
  }
  std::string Attributes(const std::string& object, const std::string& name) {
    return Evaluate("JSON.stringify(Object.getOwnPropertyDescriptor(" + object +
                    ", '" + name + "'))");
  }
};

TEST_F(LazyPropertyTest, IsAskedForOnceWhenItIsRead) {
  EXPECT_EQ(Evaluate("[Object.keys(target).length, 'lazy' in target, calls]"),
            "0,true,0");
  EXPECT_EQ(Evaluate("[target.lazy, target.lazy, calls]"),
            "lazy made,lazy made,1");
}

TEST_F(LazyPropertyTest, HasADescriptorThatShowsTheValue) {
  constexpr std::string_view kMade =
      R"({"value":"lazy made","writable":true,"enumerable":false,"configurable":true})";
  EXPECT_EQ(Attributes("target", "lazy"), kMade);
  EXPECT_EQ(Attributes("target", "lazy"), kMade);
  EXPECT_EQ(Evaluate("calls"), "1");
}

TEST_F(LazyPropertyTest, IsReplacedByAnAssignmentWithoutBeingMade) {
  EXPECT_EQ(Evaluate("target.lazy = 7; [target.lazy, calls]"), "7,0");
  EXPECT_EQ(
      Attributes("target", "lazy"),
      R"({"value":7,"writable":true,"enumerable":false,"configurable":true})");
  EXPECT_EQ(Evaluate("heir = Object.create(globalThis); heir.Blob = 7;"
                     "[heir.Blob, Blob.name]"),
            "7,Blob");
}

TEST_F(LazyPropertyTest, CanBeDeletedAndDefinedAnew) {
  EXPECT_EQ(Evaluate("delete target.lazy; ['lazy' in target, calls]"),
            "false,0");
  EXPECT_EQ(
      Evaluate("Object.defineProperty(globalThis, 'Blob', { get: () => 8 });"
               "Blob"),
      "8");
}

TEST_F(LazyPropertyTest, IsStillThereWhenItsMakerThrew) {
  EXPECT_EQ(Evaluate("during = () => { throw new Error('no') }; target.lazy"),
            "Error: no");
  EXPECT_EQ(Evaluate("during = () => {}; [target.lazy, calls]"), "lazy made,2");
}

TEST_F(LazyPropertyTest, CanBeReadWhileItIsMade) {
  EXPECT_EQ(
      Evaluate("during = () => { during = () => {}; inner = target.lazy };"
               "[target.lazy, inner, target.lazy, calls]"),
      "lazy made,lazy made,lazy made,2");
}

TEST_F(LazyPropertyTest, WhatScriptPutsInItsPlaceMeanwhileEndsNothing) {
  for (const std::string_view change :
       {"delete target.lazy", "target.lazy = 7",
        "Object.defineProperty(target, 'lazy', { get: () => 8 })",
        "Object.defineProperty(target, 'lazy', { value: 9, writable: false,"
        " configurable: false })",
        "Object.freeze(target)", "Object.setPrototypeOf(target, null)"}) {
    EXPECT_EQ(Evaluate(fmt::format(
                  "target = {{}}; calls = 0;"
                  "native.defineLazy(target, 'lazy',"
                  "  () => {{ if (calls++ === 0) {{ {} }} return 1 }}, true);"
                  "target.lazy",
                  change)),
              "1")
        << change;
    EXPECT_EQ(Evaluate("typeof target.lazy"), "number") << change;
  }
}

TEST_F(LazyPropertyTest, OfAFrozenObjectStaysWhatItIs) {
  EXPECT_EQ(Evaluate("Object.freeze(target); target.lazy = 7;"
                     "[target.lazy, target.lazy, Object.isFrozen(target)]"),
            "lazy made,lazy made,true");
}

TEST_F(LazyPropertyTest, OfTheGlobalObjectIsAPropertyAsAnyOther) {
  EXPECT_EQ(
      Evaluate("JSON.stringify(Object.getOwnPropertyDescriptor(globalThis,"
               " 'FormData'), (key, value) =>"
               " typeof value === 'function' ? value.name : value)"),
      R"({"value":"FormData","writable":true,"enumerable":false,"configurable":true})");
  EXPECT_EQ(Evaluate("Object.create(globalThis).File === File"), "true");
  EXPECT_EQ(Evaluate("Reflect.get(globalThis, 'URLPattern', 5).name"),
            "URLPattern");
  EXPECT_EQ(Evaluate("Object.freeze(globalThis);"
                     "[HTMLRewriter === HTMLRewriter, HTMLRewriter.name]"),
            "true,HTMLRewriter");
}

}  // namespace
}  // namespace caravel::runtime
