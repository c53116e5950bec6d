import { Redis } from '@upstash/redis/cloudflare';

interface Env {
  ORIGIN: string;
}

export default {
  async fetch(_request: Request, env: Env) {
    const redis = new Redis({
      url: env.ORIGIN,
      token: 'secret',
      retry: { retries: 2, backoff: () => 1 },
    });
    await redis.set('ship', { name: 'nau', crew: 60 }, { ex: 60 });
    const [ship, visits] = await redis.pipeline().get('ship').incr('visits').exec();
    const refused = await redis.hget('ship', 'x').catch((error) => error.message);
    return Response.json({ ship, visits, refused });
  },
};
