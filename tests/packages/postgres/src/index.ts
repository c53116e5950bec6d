import postgres from 'postgres';

interface Env {
  DATABASE_URL: string;
}

export default {
  async fetch(_request: Request, env: Env, ctx: ExecutionContext) {
    const sql = postgres(env.DATABASE_URL, { max: 2, onnotice: () => {} });
    try {
      await sql`CREATE TEMP TABLE IF NOT EXISTS unused (id int)`;
      await sql`DROP TABLE IF EXISTS ships`;
      await sql`CREATE TABLE ships (id serial PRIMARY KEY, name text UNIQUE, crew int, at timestamptz, extra jsonb)`;
      const ships = [
        { name: 'São Gabriel', crew: 60, at: new Date(0), extra: sql.json({ flag: 'PT' }) },
        { name: "O'Berrio", crew: 30, at: new Date(1e12), extra: sql.json([1, null]) },
      ];
      const inserted = await sql`INSERT INTO ships ${sql(ships)} RETURNING id, name, at, extra`;
      const name = "O'Berrio";
      const [found] =
        await sql`SELECT crew FROM ships WHERE name = ${name} AND crew = ANY(${[10, 30]})`;
      const refused = await sql`INSERT INTO ships (name) VALUES (${name})`.catch(
        ({ code, constraint_name }) => ({ code, constraint_name }),
      );
      const rolledBack = await sql
        .begin(async (tx) => {
          await tx`UPDATE ships SET crew = 0`;
          throw new Error('storm');
        })
        .catch((error) => error.message);
      const pages: number[] = [];
      await sql`SELECT generate_series(1, 1000) AS n`.cursor(
        400,
        (rows) => void pages.push(rows.length),
      );
      const [, , both] = await Promise.all([
        sql`SELECT pg_sleep(0.02)`,
        sql`SELECT 1`,
        sql`SELECT sum(crew)::int AS crew, count(*) AS n FROM ships`,
      ]);
      const [big] = await sql`SELECT repeat('x', 300000) AS text`;
      return Response.json({
        inserted,
        found,
        refused,
        rolledBack,
        pages,
        both: both[0],
        big: big.text.length,
      });
    } finally {
      ctx.waitUntil(sql.end());
    }
  },
};
