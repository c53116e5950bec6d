import { createClient } from 'redis';

interface Env {
  REDIS_URL: string;
}

export default {
  async fetch(_request: Request, env: Env) {
    const client = createClient({ url: env.REDIS_URL });
    const errors: string[] = [];
    client.on('error', (error) => void errors.push(`${error}`));
    await client.connect();
    try {
      await client.flushAll();
      await client.set('port', 'Goa — é', { expiration: { type: 'EX', value: 60 } });
      const [port, ttl, none] = await Promise.all([
        client.get('port'),
        client.ttl('port'),
        client.get('none'),
      ]);
      await client.hSet('ship', { name: 'nau', crew: 60 });
      await client.zAdd('winds', [
        { score: 3, value: 'NW' },
        { score: 1, value: 'S' },
      ]);
      const multi = await client.multi().incr('days').incrBy('days', 8).get('days').exec();
      const script = await client.eval('return {KEYS[1], ARGV[1] * 2}', {
        keys: ['k'],
        arguments: ['21'],
      });
      const refused = await client.lPush('port', 'x').catch((error) => error.message);
      const big = 'x'.repeat(300_000);
      await client.set('big', big);
      const keys: string[] = [];
      for await (const page of client.scanIterator({ COUNT: 2 })) keys.push(...page);
      const listener = client.duplicate();
      await listener.connect();
      const heard = new Promise((resolve) =>
        listener
          .subscribe('news', (message) => resolve(message))
          .then(() => client.publish('news', 'land')),
      );
      const news = await heard;
      await listener.close();
      return Response.json({
        port,
        ttl: ttl > 50,
        none,
        ship: await client.hGetAll('ship'),
        winds: await client.zRangeWithScores('winds', 0, -1),
        multi,
        script,
        refused,
        big: (await client.get('big')) === big,
        keys: keys.toSorted(),
        news,
        errors,
      });
    } finally {
      await client.close();
    }
  },
};
