// Bodies read as text and as JSON, and a stream through a transform.

const line = 'The quick brown fox jumps over the lazy dog; naïve façade, 10 €.\n';
const text10k = line.repeat(150);
const bytes10k = new TextEncoder().encode(text10k);
const json10k = new TextEncoder().encode(
  JSON.stringify(
    Array.from({ length: 120 }, (_, i) => ({
      id: i,
      name: `thing ${i}`,
      tags: ['a', 'b'],
      on: true,
    })),
  ),
);

async function text(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const read = await new Response(bytes10k).text();
    sum += read.length;
    sum += (await new Response(text10k).arrayBuffer()).byteLength;
  }
  return sum;
}

async function json(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const list = await new Response(json10k).json();
    sum += (await Response.json(list).text()).length;
  }
  return sum;
}

const chunk = new Uint8Array(64 * 1024).fill(7);
const chunks = 160; // 10 MB

async function stream(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let left = chunks;
    const source = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk);
        else controller.close();
      },
    });
    const through = new TransformStream({
      transform(part, controller) {
        controller.enqueue(part.subarray(1));
      },
    });
    for await (const part of source.pipeThrough(through)) sum += part.length;
  }
  return sum;
}

export const body = { text, json, stream };
