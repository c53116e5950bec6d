// The memory limit and WebAssembly.
#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"
#include "runtime/testing/wasm_grower.h"

namespace caravel::runtime {
namespace {

class IsolateWasmLimitsTest : public IsolateFixture {};

TEST_F(IsolateWasmLimitsTest, MemoriesOfWebAssemblyCountAgainstTheLimit) {
  ASSERT_EQ(Load("const kept = [];"
                 "export default { fetch() {"
                 " kept.push(new WebAssembly.Memory({ initial: 768 }));"
                 " return new Response(String(kept.length)); } }"),
            "");
  const InvocationId first = Arrive("/");
  const InvocationId second = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(first), "200 1");
  EXPECT_EQ(Answer(second), "200 2");
  EXPECT_FALSE(isolate_->condemned());
  const InvocationId third = Arrive("/");  // 48 MB each, and 128 is the limit
  Turn();
  EXPECT_EQ(Outcome(third), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateWasmLimitsTest, MemoriesOfWebAssemblyAreLookedAtWhileACallRuns) {
  // Far more than the limit in one call, which does not end by itself.
  ASSERT_EQ(Load("export default { fetch() { const kept = [];"
                 " for (let i = 0; i < 40; i++)"
                 "  kept.push(new WebAssembly.Memory({ initial: 768 }));"
                 " for (;;) kept.length; } }",
                 {.cpu_ms = 300'000}),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Outcome(id), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateWasmLimitsTest,
       StartUpCannotHoldMoreMemoriesOfWebAssemblyThanTheLimit) {
  EXPECT_EQ(Load("const kept = []; for (let i = 0; i < 3; i++)"
                 " kept.push(new WebAssembly.Memory({ initial: 768 }));"
                 "export default { fetch() { return new Response(kept); } }"),
            "the Worker exceeded its memory limit at start");
}

// Each path but "/drop", which forgets all, makes and keeps 48 MB in a memory.
constexpr const char* kWasmKeeper = R"js(
  import grower from './grower.wasm';
  import starter from './starter.wasm';
  let kept = [];
  const make = {
    '/shared': () => new WebAssembly.Memory({ initial: 768, maximum: 768, shared: true }),
    '/shared-grown': () => {
      const memory = new WebAssembly.Memory({ initial: 0, maximum: 768, shared: true });
      memory.grow(768);
      return memory.buffer;
    },
    '/grown': () => {
      const memory = new WebAssembly.Memory({ initial: 0 });
      memory.grow(768);
      return memory;
    },
    '/grown64': () => {
      const memory = new WebAssembly.Memory({ initial: 0n, address: 'i64' });
      memory.grow(768n);
      return memory;
    },
    '/instance': () => {
      const instance = new WebAssembly.Instance(grower);
      instance.exports.grow(767);
      return instance;
    },
    '/instantiate': async () => {
      const { exports } = await WebAssembly.instantiate(grower);
      exports.grow(767);
      return exports.grow;
    },
    '/started': () => start(async (imports) => new WebAssembly.Instance(starter, imports)),
    '/start-instantiated': () => start((imports) => WebAssembly.instantiate(starter, imports)),
  };
  // The memory of an instance that fails as it starts, by its function.
  const start = async (make) => {
    const t = new WebAssembly.Table({ initial: 1, element: 'anyfunc' });
    const error = await make({ a: { t } }).catch((error) => error);
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    return t.get(0);
  };
  export default { async fetch({ url }) {
    const { pathname } = new URL(url);
    if (pathname === '/drop') kept = [];
    else kept.push(await make[pathname]());
    return new Response(String(kept.length));
  } };)js";

class WasmMemoryLimitTest : public IsolateFixture,
                            public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    ASSERT_EQ(
        Load({{"index.js", registry::ModuleType::kEsModule, kWasmKeeper},
              {"grower.wasm", registry::ModuleType::kWasm, kWasmGrower},
              {"starter.wasm", registry::ModuleType::kWasm, kWasmStarter}}),
        "");
  }
};

TEST_P(WasmMemoryLimitTest, AMemoryCountsAsLargeAsItHasGrown) {
  for (const char* const answer : {"200 1", "200 2"}) {
    const InvocationId id = Arrive(GetParam());
    TurnUntilQuiet();
    ASSERT_EQ(Answer(id), answer);
  }
  EXPECT_GE(isolate_->memory_bytes(), size_t{96} << 20);
  EXPECT_FALSE(isolate_->condemned());
  const InvocationId third = Arrive(GetParam());
  TurnUntilQuiet();
  EXPECT_EQ(Outcome(third), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_P(WasmMemoryLimitTest, OneThatWasDroppedDoesNotCount) {
  for (int i = 0; i < 8; ++i) {
    const InvocationId id = Arrive(GetParam());
    TurnUntilQuiet();
    ASSERT_EQ(Answer(id), "200 1") << i;
    Arrive("/drop");
    TurnUntilQuiet();
  }
}

INSTANTIATE_TEST_SUITE_P(Keepers, WasmMemoryLimitTest,
                         testing::Values("/shared", "/shared-grown", "/grown",
                                         "/grown64", "/instance",
                                         "/instantiate", "/started",
                                         "/start-instantiated"));

TEST_F(IsolateWasmLimitsTest, GrownMemoriesAreLookedAtWhileACallRuns) {
  ASSERT_EQ(Load("export default { fetch() { const kept = [];"
                 " for (let i = 0; i < 40; i++) {"
                 "  kept.push(new WebAssembly.Memory({ initial: 0 }));"
                 "  kept.at(-1).grow(768); }"
                 " for (;;) kept.length; } }",
                 {.cpu_ms = 300'000}),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Outcome(id), "exceededMemory");
  EXPECT_TRUE(isolate_->condemned());
}

TEST_F(IsolateWasmLimitsTest, AMemoryOfWebAssemblyIsNeverLargerThanTheLimit) {
  ASSERT_EQ(Load("export default { fetch() {"
                 " try { new WebAssembly.Memory({ initial: 2049 }); }"
                 " catch (e) { return new Response(e.name); } } }"),
            "");
  const InvocationId id = Arrive("/");
  Turn();
  EXPECT_EQ(Answer(id), "200 RangeError");
}

}  // namespace
}  // namespace caravel::runtime
