// Stands in for a Worker of `serve` that has not started yet: whoever calls it, in
// whatever way, is told why. 'WHY' becomes the reason.
import { WorkerEntrypoint } from 'cloudflare:workers';

const why = 'WHY';
const fail = () => {
  throw new Error(why);
};

class Unstarted extends WorkerEntrypoint {
  fetch() {
    return new Response(`${why}\n`, {
      status: 500,
      headers: { 'content-type': 'text/plain;charset=UTF-8', 'cache-control': 'no-store' },
    });
  }
  scheduled() {
    fail();
  }
}
// Methods of RPC are those of the classes of an entrypoint: one of these has them all.
Object.setPrototypeOf(
  Unstarted.prototype,
  new Proxy(WorkerEntrypoint.prototype, {
    getOwnPropertyDescriptor: () => ({ value: fail, configurable: true }),
    get: (target, name) => (typeof name === 'string' ? fail : target[name]),
  }),
);

export default Unstarted;
