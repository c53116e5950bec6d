// That memories count, as large as they grow: isolate_wasm_limits_test.cc.
#include "runtime/wasm_memories.h"

#include <gmock/gmock.h>

#include "runtime/testing/isolate_fixture.h"
#include "runtime/testing/wasm_grower.h"

namespace caravel::runtime {
namespace {

class WasmMemoriesTest : public IsolateFixture {
 protected:
  std::string Run(const std::string& body) {
    EXPECT_EQ(Load({{"index.js", registry::ModuleType::kEsModule,
                     "import grower from './grower.wasm';"
                     "export default { async fetch() { " +
                         body + " } }"},
                    {"grower.wasm", registry::ModuleType::kWasm, kWasmGrower}}),
              "");
    const InvocationId id = Arrive("/");
    TurnUntilQuiet();
    return Answer(id);
  }
};

TEST_F(WasmMemoriesTest, TheConstructorsAreAsTheyWere) {
  EXPECT_EQ(Run(R"js(
    const { Memory, Instance } = WebAssembly;
    class Own extends Memory { size() { return this.buffer.byteLength; } }
    const own = new Own({ initial: 1, maximum: 2, shared: true });
    const refusal = (call) => { try { call(); } catch (e) { return e.name; } };
    return Response.json([
      Memory.name, Memory.length, new Memory({ initial: 1 }) instanceof Memory,
      Memory.prototype.constructor === Memory,
      own instanceof Own, own.size(), own.grow(1), own.size(),
      own.buffer instanceof SharedArrayBuffer,
      Instance.name, Instance.length, new Instance(grower) instanceof Instance,
      refusal(() => Memory({ initial: 1 })),
      refusal(() => new Memory({ initial: 'many' })),
      refusal(() => new Instance({})),
      Object.keys(WebAssembly).includes('Memory'),
    ]);)js"),
            R"(200 ["Memory",1,true,true,true,65536,1,131072,true,)"
            R"("Instance",1,true,"TypeError","TypeError","TypeError",false])");
}

TEST_F(WasmMemoriesTest, InstantiateIsAsItWas) {
  EXPECT_EQ(Run(R"js(
    const { instantiate } = WebAssembly;
    const instance = await instantiate(grower, {});
    let refused;
    try { await instantiate({}); } catch (e) { refused = e.name; }
    return Response.json([
      instantiate.name, instantiate.length, Object.keys(WebAssembly).includes('instantiate'),
      instance instanceof WebAssembly.Instance, instance.exports.grow(1), refused,
    ]);)js"),
            R"(200 ["instantiate",1,true,true,1,"TypeError"])");
}

TEST_F(WasmMemoriesTest, ScriptCannotReachPastThem) {
  EXPECT_EQ(Run(R"js(
    Object.defineProperty(WebAssembly.Instance.prototype, 'exports', { value: 'mine' });
    Object.prototype.construct = Object.prototype.get = () => 'mine';
    const memory = new WebAssembly.Memory({ initial: 1 });
    const instance = new WebAssembly.Instance(grower);
    delete Object.prototype.construct;
    delete Object.prototype.get;
    return Response.json([
      memory.constructor === WebAssembly.Memory,
      instance.constructor === WebAssembly.Instance,
      instance.exports,
    ]);)js"),
            R"(200 [true,true,"mine"])");
}

}  // namespace
}  // namespace caravel::runtime
