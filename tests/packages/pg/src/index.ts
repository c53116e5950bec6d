import { Client, Pool } from 'pg';

interface Env {
  DATABASE_URL: string;
}

export default {
  async fetch(_request: Request, env: Env, ctx: ExecutionContext) {
    const client = new Client({ connectionString: env.DATABASE_URL });
    await client.connect();
    try {
      await client.query(
        'DROP TABLE IF EXISTS logs; CREATE TABLE logs (id serial, text text, at timestamptz, data bytea, n numeric)',
      );
      const insert = {
        name: 'insert-log',
        text: 'INSERT INTO logs (text, at, data, n) VALUES ($1, $2, $3, $4) RETURNING id',
      };
      const ids = [];
      for (const [text, data] of [
        ['vento é', Buffer.from([0, 255])],
        ["it's", null],
      ] as const) {
        const { rows } = await client.query({
          ...insert,
          values: [text, new Date(1e12), data, '1.50'],
        });
        ids.push(rows[0].id);
      }
      const { rows, fields } = await client.query('SELECT text, at, data, n FROM logs ORDER BY id');
      const arrays = await client.query({
        text: 'SELECT ARRAY[1,2], $1::json',
        values: ['{"a":[1]}'],
        rowMode: 'array',
      });
      const refused = await client
        .query('SELECT * FROM none')
        .catch(({ code, message }) => [code, message]);
      await client.query('BEGIN');
      await client.query('DELETE FROM logs');
      await client.query('ROLLBACK');
      const notices: string[] = [];
      client.on('notice', ({ message }) => void notices.push(`${message}`));
      await client.query("DO $$ BEGIN RAISE NOTICE 'land'; END $$");
      const pool = new Pool({ connectionString: env.DATABASE_URL, max: 3 });
      const sums = await Promise.all(
        [1, 2, 3, 4].map((n) => pool.query('SELECT $1::int + count(*)::int AS sum FROM logs', [n])),
      );
      ctx.waitUntil(pool.end());
      return Response.json({
        ids,
        rows: rows.map(({ data, ...row }) => ({ ...row, data: data && [...data] })),
        fields: fields.map(({ name }) => name),
        array: arrays.rows[0],
        refused,
        notices,
        sums: sums.map(({ rows }) => rows[0].sum),
      });
    } finally {
      ctx.waitUntil(client.end());
    }
  },
};
