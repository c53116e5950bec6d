// An Agent of node:http at module scope serves all requests of a Worker, and what one of
// them opened is of no use to another: connections belong to the invocation that opened
// them, and a request that waits for one of another's is never carried on. So an Agent has
// pools for each invocation: the first that uses it has those of the names that Node
// gives, each further one those of names with its number.
import type { Loose } from './loose.ts';

const kInvocation = Symbol('invocation');

export function separateInvocations({ Agent }: Loose): void {
  const { prototype } = Agent;
  const { addRequest: add, getName: nameOf } = prototype;
  const first = new WeakMap<object, number>();

  prototype.addRequest = function addRequest(
    this: Loose,
    request: Loose,
    options: Loose,
    port: Loose,
    localAddress: Loose,
  ) {
    const current = native.currentInvocation();
    const owner = first.get(this) ?? current;
    first.set(this, owner);
    const given = typeof options === 'string' ? { host: options, port, localAddress } : options;
    const own = owner === current ? given : { ...given, [kInvocation]: current };
    return Reflect.apply(add, this, [request, own]);
  };

  prototype.getName = function getName(this: Loose, options: Loose) {
    const name = Reflect.apply(nameOf, this, [options]);
    const invocation = options?.[kInvocation];
    return invocation === undefined ? name : `${name}:#${invocation}`;
  };
}
