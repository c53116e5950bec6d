import './location.ts';
import initSqlJs from 'sql.js/dist/sql-wasm-browser.js';
import wasm from 'sql.js/dist/sql-wasm-browser.wasm';

type Receive = (instance: WebAssembly.Instance, module: WebAssembly.Module) => void;

const ready = initSqlJs({
  instantiateWasm(imports: WebAssembly.Imports, receive: Receive) {
    WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm));
    return {};
  },
});

export default {
  async fetch() {
    const SQL = await ready;
    const db = new SQL.Database();
    db.run('CREATE TABLE ships (name TEXT PRIMARY KEY, crew INTEGER, log BLOB)');
    const insert = db.prepare('INSERT INTO ships VALUES (?, ?, ?)');
    for (let i = 1; i <= 500; i++) insert.run([`ship ${i}`, i % 60, new Uint8Array([i & 255])]);
    insert.free();
    const [grouped] = db.exec(
      'SELECT crew / 20 AS size, count(*) AS n FROM ships GROUP BY size ORDER BY size',
    );
    let refused = '';
    try {
      db.run("INSERT INTO ships VALUES ('ship 1', 0, NULL)");
    } catch (error) {
      refused = (error as Error).message;
    }
    // A file of a database, opened again.
    const copy = new SQL.Database(db.export());
    const find = copy.prepare('SELECT * FROM ships WHERE name = :name');
    const found = find.getAsObject({ ':name': 'ship 300' });
    return Response.json({
      grouped,
      refused,
      found: { ...found, log: [...(found.log as Uint8Array)] },
      json: db.exec("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]')")[0]?.values[0]?.[0],
      integrity: copy.exec('PRAGMA integrity_check')[0]?.values[0]?.[0],
    });
  },
};
