import Stripe from 'stripe';

interface Env {
  ORIGIN: string;
  WEBHOOK_SECRET: string;
}

export default {
  async fetch(request: Request, env: Env) {
    const { hostname, port } = new URL(env.ORIGIN);
    const stripe = new Stripe('sk_test_1', { host: hostname, port, protocol: 'http' });
    const { pathname } = new URL(request.url);
    if (pathname === '/webhook') {
      try {
        const signature = request.headers.get('stripe-signature') ?? '';
        const event = await stripe.webhooks.constructEventAsync(
          await request.text(),
          signature,
          env.WEBHOOK_SECRET,
        );
        return Response.json({ type: event.type });
      } catch (error) {
        return new Response((error as Error).constructor.name, { status: 400 });
      }
    }
    if (pathname === '/charge') {
      try {
        const intent = await stripe.paymentIntents.create(
          {
            amount: 1999,
            currency: 'eur',
            payment_method_types: ['card'],
            metadata: { order: 'A & B' },
          },
          { idempotencyKey: 'once' },
        );
        return Response.json({ id: intent.id, request: intent.lastResponse.requestId });
      } catch (error) {
        const { type, code } = error as Stripe.errors.StripeError;
        return Response.json({ type, code }, { status: 402 });
      }
    }
    const names: string[] = [];
    for await (const { name } of stripe.customers.list({ limit: 2 })) names.push(`${name}`);
    return Response.json(names);
  },
};
