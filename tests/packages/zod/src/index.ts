import { z } from 'zod';

const Order = z
  .object({
    id: z.uuid(),
    email: z.email(),
    quantity: z.coerce.number().int().min(1).max(99),
    when: z.iso.datetime().optional(),
    tags: z.array(z.string().trim().toLowerCase()).default([]),
    kind: z.discriminatedUnion('type', [
      z.object({ type: z.literal('book'), pages: z.number() }),
      z.object({ type: z.literal('map'), scale: z.string().regex(/^1:\d+$/) }),
    ]),
  })
  .refine(({ quantity, kind }) => kind.type !== 'map' || quantity === 1, {
    message: 'one map at a time',
    path: ['quantity'],
  });

export default {
  async fetch(request: Request) {
    if (request.method === 'GET') return Response.json(z.toJSONSchema(Order, { io: 'input' }));
    const order = await Order.safeParseAsync(await request.json());
    if (order.success) return Response.json(order.data);
    return Response.json(
      { issues: order.error.issues, pretty: z.prettifyError(order.error) },
      { status: 400 },
    );
  },
};
