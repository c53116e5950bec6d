// stream over streams of the platform: finished(), pipeline(), compose(), abort signals,
// and what util.inspect() shows of them.
import { addAbortSignal, compose, finished, pipeline, Readable } from 'node:stream';
import { finished as ended } from 'node:stream/promises';
import { inspect } from 'node:util';
import { attempt } from './lib/cases.js';

const given = (...chunks) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

const upper = () =>
  new TransformStream({
    transform: (chunk, controller) => controller.enqueue(`${chunk}`.toUpperCase()),
  });

const outcome = (run) =>
  new Promise((resolve) =>
    run((error) => resolve(error ? `${error.name} ${error.message}` : 'ok')),
  );

async function readAll(stream) {
  const all = [];
  for await (const chunk of stream) all.push(`${chunk}`);
  return all.join();
}

export default async function run() {
  const lines = [];
  const say = (what, value) => lines.push(`${what}: ${value}`);

  const readable = given('a', 'b');
  const told = outcome((done) => finished(readable, done));
  say('read', await readAll(readable));
  say('finished reading', await told);
  say('finished later', await outcome((done) => finished(readable, done)));

  const failing = new ReadableStream({ pull: () => Promise.reject(new RangeError('no more')) });
  const failed = outcome((done) => finished(failing, done));
  say('failing', await readAll(failing).catch((error) => error.message));
  say('finished failing', await failed);

  const written = [];
  const writable = new WritableStream({ write: (chunk) => void written.push(chunk) });
  const writing = outcome((done) => finished(writable, done));
  const writer = writable.getWriter();
  await writer.write('x');
  await writer.close();
  say('finished writing', `${await writing} ${written}`);

  const aborted = new WritableStream();
  const aborting = outcome((done) => finished(aborted, done));
  await aborted.abort(new Error('stop'));
  say('finished aborting', await aborting);
  say('promise', await ended(given()).then(() => 'ended'));

  const piped = [];
  const sink = new WritableStream({ write: (chunk) => void piped.push(`${chunk}`) });
  say(
    'pipeline',
    await outcome((done) => pipeline(Readable.from(['p', 'q']), upper(), sink, done)),
  );
  say('piped', piped.join());
  const composed = compose(upper(), async function* (source) {
    for await (const chunk of source) yield `${chunk}!`;
  });
  composed.end('c');
  say('composed', await readAll(composed));

  const controller = new AbortController();
  const cut = addAbortSignal(controller.signal, new ReadableStream());
  const reading = readAll(cut).catch((error) => `${error.name} ${error.code}`);
  controller.abort();
  say('signal of a reader', await reading);
  const other = new AbortController();
  const closed = addAbortSignal(other.signal, new WritableStream());
  const ready = closed.getWriter().closed.catch((error) => `${error.name} ${error.code}`);
  other.abort();
  say('signal of a writer', await ready);

  for (const stream of [given('d'), new WritableStream(), failing])
    for (const ask of ['isDisturbed', 'isErrored', 'isReadable'])
      say(
        ask,
        attempt(() => String(Readable[ask](stream))),
      );
  say('inspect', inspect(given('e')));
  say('inspect bytes', inspect(new ReadableStream({ type: 'bytes' })));
  say('inspect writable', inspect(new WritableStream()));
  say('inspect encoder', inspect(new TextEncoderStream()));
  say('inspect decoder', inspect(new TextDecoderStream('latin1'), { depth: 0 }));
  return lines;
}
