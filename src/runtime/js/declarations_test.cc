#include "runtime/js/declarations.h"

#include <gtest/gtest.h>

namespace caravel::js {
namespace {

class Adder final : public Object {
 public:
  void Add(Scope&, int32_t) {}
  static constexpr auto Js() {
    return Class("Adder", Method("add", &Adder::Add));
  }
};

struct CountingOps {
  static constexpr const char* kName = "Counting";
  static std::unique_ptr<Adder> Copy(Scope&, Adder*) { return {}; }
  static std::unique_ptr<Adder> Start(Scope&) { return {}; }
  static constexpr auto Js() {
    return Functions(Function("copy", &Copy), Function("start", &Start));
  }
};

struct LazyOps {
  static Group<CountingOps> Counting(Scope&) { return {}; }
  static constexpr auto Js() {
    return Functions(Function("counting", &Counting));
  }
};

struct Ops {
  static std::optional<std::string> Find(Scope&, std::string,
                                         std::optional<BytesView>) {
    return {};
  }
  static Result<v8::Uint8Array> Encode(Scope&, v8::Local<v8::Value>) {
    return {};
  }
  static caravel::Result<std::unique_ptr<Adder>> Count(Scope&) {
    return std::unique_ptr<Adder>();
  }
  static Status Close(Scope&, const std::vector<double>&) { return {}; }

  static constexpr auto Js() {
    return Functions(Function("find", &Find), Function("encode", &Encode),
                     Function("count", &Count), Function("close", &Close));
  }
};

TEST(DeclarationsTest, AFunctionIsALineWithWhatItTakesAndGives) {
  EXPECT_EQ(Declarations<Ops>(),
            "  find: (a0: string, a1: ArrayBuffer | ArrayBufferView | null | "
            "undefined) => string | null;\n"
            "  encode: (a0: any) => Uint8Array<ArrayBuffer>;\n"
            "  count: () => Adder;\n"
            "  close: (a0: (number)[]) => void;\n");
}

TEST(DeclarationsTest, AClassThatAFunctionGivesIsAnInterface) {
  EXPECT_EQ(ClassDeclarations<Ops>(),
            "interface Adder {\n  add: (a0: number) => void;\n}\n");
}

TEST(DeclarationsTest, AGroupIsAnInterfaceWithItsFunctions) {
  EXPECT_EQ(Declarations<LazyOps>(), "  counting: () => Counting;\n");
  EXPECT_EQ(ClassDeclarations<LazyOps>(),
            "interface Adder {\n  add: (a0: number) => void;\n}\n"
            "interface Counting {\n  copy: (a0: Adder) => Adder;\n"
            "  start: () => Adder;\n}\n");
}

}  // namespace
}  // namespace caravel::js
