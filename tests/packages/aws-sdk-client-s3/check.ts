import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { type Origin, type Received, type Reply, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

interface Stored {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
}

const objects = new Map<string, Stored>();

/** Whether a request is signed as Signature Version 4 asks, with the secret "wind". */
function isSigned({ method, url, headers, body }: Received): boolean {
  const [, scope = '', names = '', given] =
    /Credential=AKIDEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(
      `${headers.authorization}`,
    ) ?? [];
  const { pathname, searchParams } = new URL(url, 'http://s3');
  searchParams.sort();
  const hash = createHash('sha256').update(body).digest('hex');
  const request = [
    method,
    pathname,
    searchParams.toString().replaceAll('+', '%20'),
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    names,
    hash,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope];
  const hashed = createHash('sha256').update(request).digest('hex');
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (key, part) => createHmac('sha256', key).update(part).digest(),
      'AWS4wind',
    );
  const signature = createHmac('sha256', key)
    .update([...text, hashed].join('\n'))
    .digest('hex');
  return headers['x-amz-content-sha256'] === hash && signature === given;
}

const xml = (body: string, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

function answer(received: Received): Reply {
  const { method, url, headers, body } = received;
  if (!isSigned(received)) return xml('<Error><Code>SignatureDoesNotMatch</Code></Error>', 403);
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const key = decodeURIComponent(pathname.replace(/^\/charts\/?/, ''));
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  if (method === 'PUT') {
    objects.set(key, {
      body,
      headers: { etag, 'x-amz-meta-sailor': `${headers['x-amz-meta-sailor']}` },
    });
    return { headers: { etag } };
  }
  if (method === 'POST' && searchParams.has('delete')) {
    const [, deleted = ''] = /<Key>(.*?)<\/Key>/.exec(body.toString()) ?? [];
    objects.delete(deleted);
    return xml(`<DeleteResult><Deleted><Key>${deleted}</Key></Deleted></DeleteResult>`);
  }
  if (searchParams.get('list-type') === '2') {
    const prefix = searchParams.get('prefix') ?? '';
    const list = [...objects].filter(([name]) => name.startsWith(prefix));
    const items = list.map(
      ([name, { body }]) => `<Contents><Key>${name}</Key><Size>${body.length}</Size></Contents>`,
    );
    return xml(
      `<ListBucketResult><IsTruncated>false</IsTruncated>${items.join('')}</ListBucketResult>`,
    );
  }
  const object = objects.get(key);
  if (!object) return xml('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>', 404);
  const when = {
    'last-modified': 'Fri, 20 May 2016 10:00:00 GMT',
    'content-length': `${object.body.length}`,
  };
  return { headers: { ...object.headers, ...when }, body: method === 'HEAD' ? '' : object.body };
}

export const start = () => startOrigin(answer);

export default async (worker: Worker, origin: Origin) => {
  const put = await worker.get('/a%20chart%2Bé', { method: 'PUT', body: 'reefs' });
  assert.equal(put.status, 200, put.text);
  assert.match(JSON.parse(put.text).ETag, /^"[0-9a-f]{32}"$/);
  assert.equal((await worker.get('/b', { method: 'PUT', body: '' })).status, 200);
  // The checksum that clients of S3 send by default.
  assert.match(`${origin.received[0]?.headers['x-amz-checksum-crc32']}`, /^[\w+/]{6}==$/);

  assert.deepEqual(await worker.json('/a%20chart%2Bé'), {
    text: 'reefs',
    Metadata: { sailor: 'ana' },
    ContentLength: 5,
    when: '2016-05-20T10:00:00.000Z',
  });
  assert.deepEqual(await worker.json('/'), { keys: [['a chart+é', 5]], IsTruncated: false });
  const deleted = await worker.get('/b', { method: 'DELETE' });
  assert.deepEqual(JSON.parse(deleted.text), [{ Key: 'b' }]);
  const missing = await worker.get('/b');
  assert.equal(missing.status, 404, missing.text);
  assert.equal(JSON.parse(missing.text).status, 404);
};
