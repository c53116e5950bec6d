// Static assets of a Worker, uploaded in the steps of wrangler, without it.
import { createHash } from 'node:crypto';
import type { Envelope, Platform } from './platform.ts';

/** By path, "/index.html". */
export type AssetFiles = Readonly<Record<string, string>>;

// wrangler's are of another kind; the API takes any, for contents of one account.
const hashOf = (content: string) => createHash('sha256').update(content).digest('hex').slice(0, 32);

interface Session {
  readonly jwt: string | null;
  readonly buckets?: readonly (readonly string[])[];
}

/** What the metadata of an upload names the files by: `{ assets: { jwt } }`. */
export async function uploadAssets(
  platform: Platform,
  worker: string,
  files: AssetFiles,
): Promise<string> {
  const contents = new Map(Object.values(files).map((content) => [hashOf(content), content]));
  const manifest = Object.fromEntries(
    Object.entries(files).map(([path, content]) => [
      path,
      { hash: hashOf(content), size: Buffer.byteLength(content) },
    ]),
  );
  const session = await platform.ask<Session>(
    'POST',
    `/accounts/${platform.account}/workers/scripts/${worker}/assets-upload-session`,
    { manifest },
  );
  if (!session.success) throw new Error(`session: ${JSON.stringify(session.errors)}`);
  let { jwt } = session.result;
  for (const bucket of session.result.buckets ?? []) {
    const form = new FormData();
    for (const hash of bucket) {
      const base64 = Buffer.from(contents.get(hash) ?? '').toString('base64');
      form.set(hash, new Blob([base64], { type: 'text/plain' }), hash);
    }
    const answer = await fetch(
      `${platform.api}/accounts/${platform.account}/workers/assets/upload?base64=true`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${session.result.jwt}` },
        body: form,
      },
    );
    const { success, errors, result } = (await answer.json()) as Envelope<Session>;
    if (!success) throw new Error(`upload: ${JSON.stringify(errors)}`);
    jwt = result.jwt ?? jwt;
  }
  if (jwt === null) throw new Error('the assets are not complete');
  return jwt;
}
