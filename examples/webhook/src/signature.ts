// The header `Webhook-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA-256 of
// "SECONDS.BODY". The time is signed too, so that nobody sends an old event again.

const toleranceSeconds = 300;

function bytesOf(hex: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[0-9a-f]{64}$/i.test(hex)) return undefined;
  return Uint8Array.from({ length: 32 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Undefined where the body is what the sender signed; else what is wrong. */
export async function fault(
  header: string | null,
  body: Uint8Array<ArrayBuffer>,
  secret: string,
): Promise<string | undefined> {
  const fields = new URLSearchParams((header ?? '').replaceAll(',', '&'));
  const time = fields.get('t') ?? '';
  const signature = bytesOf(fields.get('v1') ?? '');
  if (!/^\d{1,12}$/.test(time) || !signature) return 'the signature is missing or malformed';
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
  const signed = new Uint8Array([...encoder.encode(`${time}.`), ...body]);
  // verify() takes the same time wherever the two differ.
  if (!(await crypto.subtle.verify('HMAC', key, signature, signed)))
    return 'the signature is wrong';
  const ageSeconds = Date.now() / 1000 - Number(time);
  return Math.abs(ageSeconds) > toleranceSeconds ? 'the signature is too old' : undefined;
}
