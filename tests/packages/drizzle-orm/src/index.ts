import './location.ts';
import { and, desc, eq, gt, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/sql-js';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { drizzle as drizzleProxy } from 'drizzle-orm/sqlite-proxy';
import initSqlJs from 'sql.js/dist/sql-wasm-browser.js';
import wasm from 'sql.js/dist/sql-wasm-browser.wasm';

const captains = sqliteTable('captains', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull().unique(),
});
const voyages = sqliteTable('voyages', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  captainId: integer('captain_id')
    .notNull()
    .references(() => captains.id),
  ships: integer('ships').notNull(),
  sailed: integer('sailed', { mode: 'timestamp' }).notNull(),
  ports: text('ports', { mode: 'json' }).$type<string[]>().notNull(),
});
const ofCaptain = relations(captains, ({ many }) => ({ voyages: many(voyages) }));
const ofVoyage = relations(voyages, ({ one }) => ({
  captain: one(captains, { fields: [voyages.captainId], references: [captains.id] }),
}));

type Receive = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

async function open() {
  const SQL = await initSqlJs({
    instantiateWasm(imports: WebAssembly.Imports, receive: Receive) {
      WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm));
      return {};
    },
  });
  const database = new SQL.Database();
  const db = drizzle(database);
  db.run(
    sql`CREATE TABLE captains (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)`,
  );
  db.run(sql`CREATE TABLE voyages (id INTEGER PRIMARY KEY AUTOINCREMENT,
    captain_id INTEGER NOT NULL REFERENCES captains, ships INTEGER NOT NULL,
    sailed INTEGER NOT NULL, ports TEXT NOT NULL)`);
  const proxy = drizzleProxy(
    async (sql, params, method) => {
      const statement = database.prepare(sql, params);
      const rows = [];
      while (statement.step()) rows.push(statement.get());
      statement.free();
      return { rows: method === 'get' ? rows[0] : rows };
    },
    { schema: { captains, voyages, ofCaptain, ofVoyage } },
  );
  return { db, proxy };
}

export default {
  async fetch() {
    const { db, proxy } = await open();
    const [gama, cabral] = db
      .insert(captains)
      .values([{ name: 'Gama' }, { name: 'Cabral' }])
      .returning()
      .all();
    const sailed = (year: number) => new Date(Date.UTC(year, 2, 9));
    db.insert(voyages)
      .values([
        { captainId: gama.id, ships: 4, sailed: sailed(1497), ports: ['Calecute'] },
        {
          captainId: cabral.id,
          ships: 13,
          sailed: sailed(1500),
          ports: ['Porto Seguro', 'Cochim'],
        },
        { captainId: gama.id, ships: 20, sailed: sailed(1502), ports: [] },
      ])
      .run();
    db.update(voyages)
      .set({ ships: sql`${voyages.ships} + 1` })
      .where(eq(voyages.id, 3))
      .run();
    let rolledBack = false;
    try {
      db.transaction((tx) => {
        tx.delete(voyages).run();
        tx.insert(captains).values({ name: 'Gama' }).run();
      });
    } catch {
      rolledBack = true;
    }
    const joined = db
      .select({ name: captains.name, ships: voyages.ships, sailed: voyages.sailed })
      .from(voyages)
      .innerJoin(captains, eq(captains.id, voyages.captainId))
      .where(and(gt(voyages.ships, 4), gt(voyages.sailed, sailed(1498))))
      .orderBy(desc(voyages.sailed))
      .all();
    const nested = await proxy.query.captains.findMany({
      with: { voyages: { columns: { ports: true, sailed: true } } },
    });
    const statement = db.select().from(voyages).where(eq(voyages.ships, 4)).toSQL();
    return Response.json({ joined, nested, statement, rolledBack });
  },
};
