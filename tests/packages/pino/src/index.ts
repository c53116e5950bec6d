import pino from 'pino';

export default {
  async fetch(request: Request) {
    const lines: object[] = [];
    const logger = pino({
      level: 'debug',
      browser: { asObject: true, write: (line) => void lines.push(line), serialize: true },
      serializers: { request: ({ method, url }: Request) => `${method} ${new URL(url).pathname}` },
    });
    logger.info({ request }, 'to %s in %d days', 'Goa', 9);
    logger.child({ ship: 'nau' }).warn('reef ahead');
    logger.trace('nobody hears');
    logger.level = 'trace';
    logger.trace({ depth: 7 }, 'sounded');
    return Response.json(lines);
  },
};
