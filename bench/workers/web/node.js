// Node's Buffer, and what AsyncLocalStorage costs: the same chain of promises with
// nothing stored, and within a store.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Buffer } from 'node:buffer';

const text = 'The quick brown fox jumps over the lazy dog; naïve façade, 10 €. '.repeat(20);

function buffer(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const utf8 = Buffer.from(text);
    const base64 = utf8.toString('base64');
    const back = Buffer.from(base64, 'base64');
    const hex = back.subarray(0, 256).toString('hex');
    const joined = Buffer.concat([utf8, Buffer.from(hex, 'hex')]);
    joined.writeUInt32BE(i % 100, 0);
    sum += joined.indexOf('lazy') + joined.readUInt32BE(0) + joined.length;
    if (utf8.equals(back)) sum += 1;
    sum += utf8.toString().length + utf8.toString('latin1', 0, 100).length;
  }
  return sum;
}

async function steps(count, read) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    await null;
    sum += read();
  }
  return sum;
}

const storage = new AsyncLocalStorage();
const promises = (count) => steps(count, () => 1);
const asyncLocalStorage = (count) =>
  storage.run({ n: 1 }, () => steps(count, () => storage.getStore().n));

export const node = { buffer, promises, asyncLocalStorage };
