import {
  CamelCasePlugin,
  DummyDriver,
  type Generated,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';

interface Tables {
  ship: { id: Generated<number>; ship_name: string; crew_count: number | null };
  port: { id: Generated<number>; ship_id: number; port_name: string };
}

const postgres = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});
const sqlite = new Kysely<any>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  plugins: [new CamelCasePlugin()],
});

export default {
  async fetch() {
    const queries = {
      select: postgres
        .selectFrom('ship')
        .innerJoin('port', 'port.ship_id', 'ship.id')
        .select(({ fn }) => ['ship_name', fn.count<number>('port.id').as('ports')])
        .where(({ eb, or }) => or([eb('crew_count', '>', 30), eb('ship_name', 'in', ['a', 'b'])]))
        .groupBy('ship_name')
        .having(sql<boolean>`count(*) > ${2}`)
        .orderBy('ports', 'desc')
        .limit(5)
        .compile(),
      upsert: postgres
        .insertInto('ship')
        .values({ ship_name: 'Nau', crew_count: 60 })
        .onConflict((conflict) => conflict.column('ship_name').doUpdateSet({ crew_count: 61 }))
        .returningAll()
        .compile(),
      camel: sqlite.updateTable('shipLog').set({ windForce: 7 }).where('logId', '=', 1).compile(),
      schema: sqlite.schema
        .createTable('shipLog')
        .ifNotExists()
        .addColumn('logId', 'integer', (column) => column.primaryKey().autoIncrement())
        .compile(),
    };
    const rows = await postgres.selectFrom('ship').selectAll().execute();
    return Response.json({
      ...Object.fromEntries(
        Object.entries(queries).map(([name, { sql, parameters }]) => [name, { sql, parameters }]),
      ),
      rows,
    });
  },
};
