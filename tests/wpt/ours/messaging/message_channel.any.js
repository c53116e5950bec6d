// MessageChannel and MessagePort, HTML §9.4, and structuredClone, §2.7, as far as Workers
// have them.

const next = (port) =>
  new Promise((resolve) => {
    port.onmessage = resolve;
  });

test(() => {
  const { port1, port2 } = new MessageChannel();
  assert_true(port1 instanceof MessagePort && port2 instanceof MessagePort);
  assert_true(port1 instanceof EventTarget);
  assert_not_equals(port1, port2);
  assert_throws_js(TypeError, () => new MessagePort());
  assert_throws_js(TypeError, () => MessageChannel());
}, 'A channel has two ports');
test(() => {
  const channel = new MessageChannel();
  assert_equals(channel.port1, channel.port1);
  assert_equals(String(channel), '[object MessageChannel]');
  assert_equals(String(channel.port1), '[object MessagePort]');
}, 'Its ports stay, and tags');
for (const name of ['postMessage', 'start', 'close'])
  test(() => {
    assert_equals(MessagePort.prototype[name].length, name === 'postMessage' ? 1 : 0);
    assert_throws_js(TypeError, () => MessagePort.prototype[name].call({}, 1));
  }, `MessagePort.prototype.${name}: length and receiver`);

for (const [what, value, same] of [
  ['a number', 1],
  ['NaN', NaN],
  ['minus zero', -0],
  ['a text', 'a'],
  ['undefined', undefined],
  ['null', null],
  ['a big number', 10n],
  ['true', true],
])
  promise_test(async () => {
    const { port1, port2 } = new MessageChannel();
    const arriving = next(port2);
    port1.postMessage(value);
    assert_equals((await arriving).data, value);
    port1.close();
  }, `${what} arrives`);
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  const arriving = next(port2);
  const sent = { list: [1, { a: new Date(5) }], map: new Map([[1, new Set([2])]]) };
  port1.postMessage(sent);
  const { data } = await arriving;
  assert_not_equals(data, sent);
  assert_equals(data.list[1].a.getTime(), 5);
  assert_true(data.map.get(1).has(2));
  port1.close();
}, 'An object arrives as a copy');
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  const order = [];
  const done = new Promise((resolve) => {
    port2.onmessage = ({ data }) => {
      order.push(data);
      if (data === 5) resolve();
    };
  });
  for (let i = 1; i <= 5; i++) port1.postMessage(i);
  assert_array_equals(order, [], 'nothing arrives at once');
  await done;
  assert_array_equals(order, [1, 2, 3, 4, 5]);
  port1.close();
}, 'Messages arrive later and in order');
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  const there = next(port2);
  const back = next(port1);
  port1.postMessage('a');
  port2.postMessage('b');
  assert_equals((await there).data, 'a');
  assert_equals((await back).data, 'b');
  port1.close();
}, 'Both ports send');
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage('early');
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert_equals((await next(port2)).data, 'early');
  port1.close();
}, 'What was sent before the handler waits for it');
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  const arriving = new Promise((resolve) => port2.addEventListener('message', resolve));
  port1.postMessage('a');
  port2.start();
  assert_equals((await arriving).data, 'a');
  port1.close();
}, 'A listener wants start()');
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  const arriving = next(port2);
  port1.postMessage('a');
  const event = await arriving;
  assert_true(event instanceof MessageEvent);
  assert_equals(event.type, 'message');
  assert_equals(event.target, port2);
  assert_equals(event.origin, '');
  assert_equals(event.lastEventId, '');
  assert_equals(event.source, null);
  assert_equals(event.ports.length, 0);
  assert_false(event.bubbles || event.cancelable);
  port1.close();
}, 'The event of a message');
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  let arrived = false;
  port2.onmessage = () => {
    arrived = true;
  };
  port1.close();
  port1.postMessage('a');
  const other = new MessageChannel();
  const arriving = next(other.port2);
  other.port1.postMessage('b');
  await arriving;
  assert_false(arrived);
  other.port1.close();
}, 'A closed port sends nothing');
test(() => {
  const { port1 } = new MessageChannel();
  for (const bad of [() => {}, Symbol('s'), { f() {} }, new WeakMap(), Promise.resolve()])
    assert_throws_dom('DataCloneError', () => port1.postMessage(bad));
  assert_throws_js(TypeError, () => port1.postMessage());
  port1.close();
}, 'What is not serializable is refused at once');
test(() => {
  const { port1 } = new MessageChannel();
  const error = new Error('own');
  assert_throws_exactly(error, () =>
    port1.postMessage({
      get a() {
        throw error;
      },
    }),
  );
  port1.close();
}, 'What a getter throws is thrown');
promise_test(async () => {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = () => {};
  assert_equals(typeof port2.onmessage, 'function');
  port2.onmessage = null;
  assert_equals(port2.onmessage, null);
  port2.onmessage = 5;
  assert_equals(port2.onmessage, null);
  port1.close();
}, 'onmessage takes functions and null');
