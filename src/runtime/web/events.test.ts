import { describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

describe('EventTarget', () => {
  test('calls listeners in order, once where asked, and objects by handleEvent', async () => {
    const got = await worker.eval(`
      const target = new EventTarget();
      const log = [];
      target.addEventListener('x', () => log.push('a'), { once: true });
      target.addEventListener('x', { handleEvent(event) { log.push(event.type, this === event.currentTarget) } });
      const last = () => log.push('c');
      target.addEventListener('x', last);
      target.addEventListener('x', last);
      target.dispatchEvent(new Event('x'));
      target.removeEventListener('x', last);
      target.dispatchEvent(new Event('x'));
      return log;`);
    expect(got).toEqual(['a', 'x', false, 'c', 'x', false]);
  });

  test('a listener that throws is reported, the next one is called', async () => {
    const got = await worker.eval(`
      const target = new EventTarget();
      let called = false;
      target.addEventListener('x', () => { throw new TypeError('listener') });
      target.addEventListener('x', () => { called = true });
      return [target.dispatchEvent(new Event('x')), called];`);
    expect(got).toEqual([true, true]);
    expect(worker.native.exceptions.at(-1)).toMatchObject({ message: 'listener' });
  });

  test('preventDefault counts for cancelable events, and not in passive listeners', async () => {
    const got = await worker.eval(`
      const run = (init, options) => {
        const target = new EventTarget();
        target.addEventListener('x', (event) => event.preventDefault(), options);
        return target.dispatchEvent(new CustomEvent('x', init));
      };
      return [run({ cancelable: true }), run({}), run({ cancelable: true }, { passive: true })];`);
    expect(got).toEqual([false, true, true]);
  });

  test('a signal takes the listener off', async () => {
    const got = await worker.eval(`
      const target = new EventTarget();
      const controller = new AbortController();
      let count = 0;
      target.addEventListener('x', () => count++, { signal: controller.signal });
      target.dispatchEvent(new Event('x'));
      controller.abort();
      target.dispatchEvent(new Event('x'));
      return count;`);
    expect(got).toBe(1);
  });
});

describe('AbortSignal', () => {
  test('timeout() aborts with a TimeoutError', async () => {
    worker.run(`globalThis.signal = AbortSignal.timeout(5)`);
    const id = [...worker.native.timers.keys()].at(-1) as number;
    worker.fireTimer(id);
    expect(worker.run('signal.reason.name + signal.reason.code')).toBe('TimeoutError23');
  });

  test('any() follows the first of its signals', async () => {
    const got = await worker.eval(`
      const a = new AbortController();
      const b = new AbortController();
      const both = AbortSignal.any([a.signal, AbortSignal.any([b.signal])]);
      let events = 0;
      both.onabort = () => events++;
      b.abort('why');
      a.abort('too late');
      return [both.aborted, both.reason, events, AbortSignal.any([a.signal]).aborted];`);
    expect(got).toEqual([true, 'why', 1, true]);
  });
});

// HTML 8.1.8.1: a handler is called in the order in which it stopped being null.
describe('an attribute on...', () => {
  test('has the place of its first handler until it is null', async () => {
    const got = await worker.eval(`
      const { signal } = new AbortController();
      const log = [];
      const dispatch = () => signal.dispatchEvent(new Event('abort'));
      signal.onabort = () => log.push('first');
      signal.addEventListener('abort', () => log.push('listener'));
      signal.onabort = function () { log.push(this === signal && 'second'); };
      dispatch();
      signal.onabort = 1;
      dispatch();
      log.push(signal.onabort);
      signal.onabort = () => log.push('third');
      dispatch();
      return log;`);
    expect(got).toEqual(['second', 'listener', 'listener', null, 'listener', 'third']);
  });

  test('keeps an object, and calls no method of script', async () => {
    const own = new Worker();
    const got = await own.eval(`
      EventTarget.prototype.addEventListener = () => { throw new Error('patched'); };
      const { signal } = new AbortController();
      const handler = { handleEvent() { throw new Error('called'); } };
      signal.onabort = handler;
      signal.dispatchEvent(new Event('abort'));
      return signal.onabort === handler;`);
    expect(got).toBe(true);
    expect(own.native.exceptions).toEqual([]);
  });
});

describe('what nobody caught', () => {
  test('goes to the log, unless an error listener prevents that', async () => {
    const own = new Worker();
    own.run(`reportError(new Error('one'))`);
    own.run(`addEventListener('error', (event) => {
      globalThis.seen = [event.message, event.error.name];
      event.preventDefault();
    });
    reportError(new RangeError('two'))`);
    expect(own.native.exceptions.map(({ message }) => message)).toEqual(['one']);
    expect(own.run('seen.join()')).toBe('two,RangeError');
  });

  test('a listener that throws does not report forever', () => {
    const own = new Worker();
    own.run(
      `addEventListener('error', () => { throw new Error('again') }); reportError(new Error('first'))`,
    );
    expect(own.native.exceptions.map(({ message }) => message)).toEqual(['again', 'first']);
  });

  test('rejections fire unhandledrejection, then rejectionhandled', () => {
    const own = new Worker();
    own.dispatch.onUnhandledRejection(Promise.resolve(), 'logged');
    own.run(`globalThis.log = [];
      for (const type of ['unhandledrejection', 'rejectionhandled'])
        addEventListener(type, (event) => { log.push(type, event.reason); event.preventDefault() })`);
    const promise = Promise.resolve();
    own.dispatch.onUnhandledRejection(promise, 'why');
    own.dispatch.onHandledLater(promise, 'why');
    expect(own.run('log.join()')).toBe('unhandledrejection,why,rejectionhandled,why');
    expect(own.native.exceptions.map(({ message }) => message)).toEqual(['logged']);
  });

  test('the service worker syntax is refused with the way out', async () => {
    expect(await worker.eval(`addEventListener('fetch', () => {})`)).toContain(
      'Export a default object with a fetch() method',
    );
  });
});

test('a DOMException is an Error with a legacy code', async () => {
  const got = await worker.eval(`
    const error = new DOMException('text', { name: 'DataCloneError', cause: 7 });
    return [error instanceof Error, error.code, DOMException.DATA_CLONE_ERR, String(error),
      error.cause, typeof error.stack, Object.keys(error)];`);
  expect(got).toEqual([true, 25, 25, 'DataCloneError: text', 7, 'string', []]);
});
