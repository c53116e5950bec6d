import { Writable } from 'node:stream';
import winston from 'winston';

export default {
  async fetch(request: Request) {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const logger = winston.createLogger({
      level: 'debug',
      format: winston.format.combine(
        winston.format.errors({ stack: false }),
        winston.format.splat(),
        winston.format.json({ deterministic: true }),
      ),
      defaultMeta: { ship: 'nau' },
      transports: [
        new winston.transports.Stream({ stream: sink, eol: '\n' }),
        new winston.transports.Console({ level: 'error' }),
      ],
    });
    logger.info('to %s in %d days', 'Goa', 9);
    logger.child({ request: request.headers.get('x-id') }).warn('reef ahead');
    logger.silly('nobody hears');
    logger.error(new RangeError('off the map'));
    await new Promise((resolve) => logger.on('finish', resolve).end());
    return Response.json(lines.map((line) => JSON.parse(line)));
  },
};
