import { beforeEach, describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

let worker: Worker;
beforeEach(() => {
  worker = new Worker();
});

/** Fires the timers that run until there are none. */
function settle() {
  for (const id of [...worker.native.timers.keys()]) worker.fireTimer(id);
}

describe('a message channel', () => {
  test('delivers clones in order, once the port is started', () => {
    worker.run(`
      got = [];
      ({ port1, port2 } = new MessageChannel());
      original = { a: [1] };
      port1.postMessage(original);
      port1.postMessage('second');
      original.a.push(2);`);
    settle();
    expect(worker.run('got.length')).toBe(0);
    worker.run('port2.onmessage = (event) => got.push(JSON.stringify(event.data))');
    settle();
    settle();
    expect(worker.run('got.join()')).toBe('{"a":[1]},"second"');
  });

  test('gives a port away by another, with what waits for it', () => {
    worker.run(`
      got = [];
      outer = new MessageChannel();
      inner = new MessageChannel();
      inner.port1.postMessage('early');
      outer.port2.onmessage = ({ data, ports }) => {
        got.push(data);
        ports[0].onmessage = (event) => got.push(event.data);
      };
      outer.port1.postMessage('here', [inner.port2]);`);
    settle();
    settle();
    expect(worker.run('got.join()')).toBe('here,early');
    expect(
      worker.run(`
        try { outer.port1.postMessage(0, [inner.port2]); } catch (e) { e.name }`),
    ).toBe('DataCloneError');
  });

  test('says nothing after it is closed', () => {
    worker.run(`
      got = [];
      ({ port1, port2 } = new MessageChannel());
      port2.onmessage = (event) => got.push(event.data);
      port2.close();
      port1.postMessage(1);`);
    settle();
    expect(worker.run('got.length')).toBe(0);
  });

  test('does not post a port by itself, nor what cannot be cloned', () => {
    expect(
      worker.run(`
        ({ port1 } = new MessageChannel());
        [() => port1.postMessage(0, [port1]), () => port1.postMessage(() => {})]
          .map((post) => { try { post(); } catch (e) { return e.name; } }).join()`),
    ).toBe('DataCloneError,DataCloneError');
  });
});

describe('scheduler.wait()', () => {
  test('rejects with the reason of a signal that aborts, and stops its timer', async () => {
    worker.run(`
      controller = new AbortController();
      waiting = scheduler.wait(1000, { signal: controller.signal }).catch((e) => e);
      controller.abort('enough');`);
    expect(await worker.run('waiting')).toBe('enough');
    expect(worker.native.timers.size).toBe(0);
  });

  test('resolves when its time has come', async () => {
    worker.run('waiting = scheduler.wait(5).then(() => "done")');
    settle();
    expect(await worker.run('waiting')).toBe('done');
  });
});
