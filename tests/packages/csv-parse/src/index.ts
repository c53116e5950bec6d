import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { CsvError, parse as parseSync } from 'csv-parse/sync';

export default {
  async fetch(request: Request) {
    if (new URL(request.url).pathname === '/sync') {
      try {
        return Response.json(
          parseSync(await request.text(), { columns: true, cast: true, trim: true }),
        );
      } catch (error) {
        if (!(error instanceof CsvError)) throw error;
        return Response.json({ code: error.code, lines: error.lines }, { status: 400 });
      }
    }
    // A body of any size, record by record.
    const crews = new Map<string, number>();
    let records = 0;
    await pipeline(
      Readable.fromWeb(request.body as never),
      parse({ columns: true, bom: true }),
      async (rows: AsyncIterable<{ ship: string; crew: string }>) => {
        for await (const { ship, crew } of rows) {
          records++;
          crews.set(ship, (crews.get(ship) ?? 0) + Number(crew));
        }
      },
    );
    return Response.json({ records, crews: Object.fromEntries(crews) });
  },
};
