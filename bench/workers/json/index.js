// Parses a body of 1 KB and answers with one of about the same size. A GET is answered
// too, which tells that the server is there.
export default {
  async fetch(request) {
    if (request.method === 'GET') return new Response('ready');
    const order = await request.json();
    order.total = order.items.reduce((sum, { price, count }) => sum + price * count, 0);
    return Response.json(order);
  },
};
