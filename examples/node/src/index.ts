// Modules of Node: they are there from the compatibility date 2026-08-04 on, before it
// with the flag nodejs_compat.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { format } from 'node:util';

const requests = new AsyncLocalStorage<{ readonly id: string }>();

function log(text: string) {
  console.log(format('%s: %s', requests.getStore()?.id, text));
}

/** Each line of `text`, numbered. */
async function numbered(text: string): Promise<string> {
  const lines: string[] = [];
  let count = 0;
  const number = new Transform({
    objectMode: true,
    transform(line, _encoding, done) {
      count += 1;
      done(null, `${count} ${line}`);
    },
  });
  await pipeline(Readable.from(text.split('\n')), number, async (source) => {
    for await (const line of source) lines.push(line);
  });
  return lines.join('\n');
}

export default {
  async fetch(request: Request): Promise<Response> {
    const id = Buffer.from(new URL(request.url).pathname).toString('base64url');
    return requests.run({ id }, async () => {
      const text = await numbered(`${process.env.GREETING}\n${id}`);
      log('answered');
      return new Response(text);
    });
  },
};
