import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { jsonReply, type Origin, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

const customers = ['Ana', 'Bia', 'Cid', 'Dora', 'Eva'].map((name, index) => ({
  id: `cus_${index}`,
  name,
}));

let declined = false;

function answer({ method, url }: Received) {
  const { pathname, searchParams } = new URL(url, 'http://stripe');
  if (pathname === '/v1/customers' && method === 'GET') {
    const after = searchParams.get('starting_after');
    const from = customers.findIndex(({ id }) => id === after) + 1;
    const data = customers.slice(from, from + Number(searchParams.get('limit')));
    return jsonReply({ object: 'list', data, has_more: from + 2 < customers.length });
  }
  if (pathname !== '/v1/payment_intents') return { status: 404 };
  if (declined) return jsonReply({ error: { type: 'card_error', code: 'card_declined' } }, 402);
  const reply = jsonReply({ id: 'pi_1', object: 'payment_intent' });
  return { ...reply, headers: { ...reply.headers, 'request-id': 'req_7' } };
}

export const start = () => startOrigin(answer);

export default async (worker: Worker, origin: Origin) => {
  // Three pages.
  assert.deepEqual(await worker.json('/'), ['Ana', 'Bia', 'Cid', 'Dora', 'Eva']);
  assert.equal(origin.received.length, 3);

  assert.deepEqual(await worker.json('/charge'), { id: 'pi_1', request: 'req_7' });
  const { headers, body } = origin.received[3] ?? assert.fail('no request');
  assert.equal(headers.authorization, 'Bearer sk_test_1');
  assert.equal(headers['idempotency-key'], 'once');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body.toString())), {
    amount: '1999',
    currency: 'eur',
    'payment_method_types[0]': 'card',
    'metadata[order]': 'A & B',
  });
  declined = true;
  const refused = await worker.get('/charge');
  assert.equal(refused.status, 402);
  assert.deepEqual(JSON.parse(refused.text), { type: 'StripeCardError', code: 'card_declined' });

  const event = JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid' });
  const now = Math.floor(Date.now() / 1000);
  const signed = (secret: string, at: number) =>
    `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${event}`).digest('hex')}`;
  const hook = (signature: string) =>
    worker.get('/webhook', {
      method: 'POST',
      body: event,
      headers: { 'stripe-signature': signature },
    });
  assert.deepEqual(JSON.parse((await hook(signed('whsec_test', now))).text), {
    type: 'invoice.paid',
  });
  for (const forged of [signed('other', now), signed('whsec_test', now - 3600)]) {
    const answer = await hook(forged);
    assert.equal(`${answer.status} ${answer.text}`, '400 StripeSignatureVerificationError');
  }
};
