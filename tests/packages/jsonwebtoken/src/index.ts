import jwt from 'jsonwebtoken';

export default {
  async fetch(request: Request) {
    const { token, key, claims, algorithm, options } = (await request.json()) as Record<
      string,
      never
    >;
    if (claims)
      return new Response(jwt.sign(claims, key, { algorithm, expiresIn: '1h', issuer: 'caravel' }));
    try {
      return Response.json(jwt.verify(token, key, options));
    } catch (error) {
      const { name, message } = error as Error;
      return Response.json({ name, message }, { status: 401 });
    }
  },
};
