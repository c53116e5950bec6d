import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    select: {
      sql:
        'select "ship_name", count("port"."id") as "ports" from "ship" inner join "port" ' +
        'on "port"."ship_id" = "ship"."id" where ("crew_count" > $1 or "ship_name" in ($2, $3)) ' +
        'group by "ship_name" having count(*) > $4 order by "ports" desc limit $5',
      parameters: [30, 'a', 'b', 2, 5],
    },
    upsert: {
      sql:
        'insert into "ship" ("ship_name", "crew_count") values ($1, $2) on conflict ("ship_name") ' +
        'do update set "crew_count" = $3 returning *',
      parameters: ['Nau', 60, 61],
    },
    camel: { sql: 'update "ship_log" set "wind_force" = ? where "log_id" = ?', parameters: [7, 1] },
    schema: {
      sql: 'create table if not exists "ship_log" ("log_id" integer primary key autoincrement)',
      parameters: [],
    },
    rows: [],
  });
};
