// An Agent of node:http at module scope serves all requests of a Worker, and what one of
// them opened is of no use to another: connections belong to the invocation that opened
// them, and a request that waits for one of another's is never carried on. So an Agent has
// pools for each invocation: the first that uses it has those of the names that Node
// gives, each further one those of names with its number. `maxTotalSockets` counts those of
// the invocation, and a socket that ends makes room for what waits in them.
import type { Loose } from './loose.ts';

const kInvocation = Symbol('invocation');
const numbered = /:#\d+$/;

export function separateInvocations({ Agent }: Loose): void {
  const { prototype } = Agent;
  const { addRequest: add, getName: nameOf, removeSocket: remove } = prototype;
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

  // Whether a pool of that name belongs to the invocation that runs.
  function isOwn(agent: object, name: string): boolean {
    const current = native.currentInvocation();
    const isFirst = (first.get(agent) ?? current) === current;
    return isFirst ? !numbered.test(name) : name.endsWith(`:#${current}`);
  }

  Object.defineProperty(prototype, 'totalSocketCount', {
    configurable: true,
    get(this: Loose) {
      let count = 0;
      for (const pools of [this.sockets, this.freeSockets])
        for (const name of Object.keys(pools ?? {}))
          if (isOwn(this, name)) count += pools[name].length;
      return count;
    },
    // The library counts too, and cannot tell whose a socket is.
    set() {},
  });

  prototype.removeSocket = function removeSocket(this: Loose, socket: Loose, options: Loose) {
    const all = this.requests;
    const others = Object.keys(all).filter((name) => !isOwn(this, name));
    const kept = others.map((name) => all[name]);
    for (const name of others) delete all[name];
    try {
      return Reflect.apply(remove, this, [socket, options]);
    } finally {
      others.forEach((name, i) => {
        all[name] = kept[i];
      });
    }
  };

  prototype.getName = function getName(this: Loose, options: Loose) {
    const name = Reflect.apply(nameOf, this, [options]);
    const invocation = options?.[kInvocation];
    return invocation === undefined ? name : `${name}:#${invocation}`;
  };
}
