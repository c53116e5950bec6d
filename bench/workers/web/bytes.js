// Compression and cryptography over bytes: native code under a web API.

const words = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod'.split(' ');

/** Text that compresses as prose does, the same everywhere. */
function prose(length) {
  let state = 1;
  let out = '';
  while (out.length < length) {
    state = (state * 1103515245 + 12345) % 2147483648;
    out += `${words[state % words.length]}${state % 97} `;
  }
  return new TextEncoder().encode(out.slice(0, length));
}

let megabyte;
const plain = () => {
  megabyte ??= prose(1024 * 1024);
  return megabyte;
};

async function collect(stream) {
  let length = 0;
  for await (const part of stream) length += part.length;
  return length;
}

const streamOf = (part) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(part);
      controller.close();
    },
  });

// How small it gets is the library's matter: what comes out again is compared.
async function gzip(count) {
  let packed = 0;
  for (let i = 0; i < count; i++)
    packed += await collect(streamOf(plain()).pipeThrough(new CompressionStream('gzip')));
  return packed > 0 && packed < count * plain().length;
}

let zipped;
async function gunzip(count) {
  zipped ??= await new Response(
    streamOf(plain()).pipeThrough(new CompressionStream('gzip')),
  ).arrayBuffer();
  let sum = 0;
  for (let i = 0; i < count; i++)
    sum += await collect(
      streamOf(new Uint8Array(zipped)).pipeThrough(new DecompressionStream('gzip')),
    );
  return sum;
}

async function sha256(count) {
  const part = plain().subarray(0, 64 * 1024);
  let last;
  for (let i = 0; i < count; i++) last = await crypto.subtle.digest('SHA-256', part);
  return new Uint8Array(last).toHex?.() ?? Array.from(new Uint8Array(last), hex).join('');
}

const hex = (byte) => byte.toString(16).padStart(2, '0');

async function aesGcm(count) {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(32).fill(3), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
  const part = plain().subarray(0, 64 * 1024);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const sealed = await crypto.subtle.encrypt(algorithm, key, part);
    sum += (await crypto.subtle.decrypt(algorithm, key, sealed)).byteLength;
  }
  return sum;
}

export const bytes = { gzip, gunzip, sha256, aesGcm };
