import { Cause, Effect, Fiber, Option, Ref, Schedule, Stream } from 'effect';

class Reef extends Error {
  readonly _tag = 'Reef';
}

const sail = (port: string) =>
  Effect.gen(function* () {
    yield* Effect.sleep('2 millis');
    if (port === 'reef') return yield* Effect.fail(new Reef('aground'));
    return port.toUpperCase();
  });

const program = Effect.gen(function* () {
  const log = yield* Ref.make<readonly string[]>([]);
  const note = (text: string) => Ref.update(log, (lines) => [...lines, text]);
  const ports = yield* Effect.all(['goa', 'diu', 'ormuz'].map(sail), { concurrency: 2 });
  const saved = yield* sail('reef').pipe(
    Effect.catchTag('Reef', ({ message }) => Effect.succeed(`saved from ${message}`)),
  );
  const tries = yield* Ref.make(0);
  const retried = yield* Ref.updateAndGet(tries, (n) => n + 1).pipe(
    Effect.flatMap((n) => (n < 4 ? Effect.fail('gale') : Effect.succeed(n))),
    Effect.retry(Schedule.recurs(5)),
  );
  yield* Effect.acquireRelease(note('anchor up'), () => note('anchor down')).pipe(
    Effect.flatMap(() => note('sailing')),
    Effect.scoped,
  );
  const late = yield* Effect.never.pipe(Effect.timeoutOption('5 millis'));
  const fiber = yield* Effect.forkChild(Effect.never);
  yield* Fiber.interrupt(fiber);
  const sums = yield* Stream.range(1, 6).pipe(
    Stream.filter((n) => n % 2 === 0),
    Stream.mapEffect((n) => Effect.succeed(n * n)),
    Stream.runCollect,
  );
  return {
    ports,
    saved,
    retried,
    log: yield* Ref.get(log),
    late: Option.isNone(late),
    sums: [...sums],
  };
});

export default {
  async fetch() {
    const exit = await Effect.runPromiseExit(Effect.fail(new Reef('sunk')));
    const cause = exit._tag === 'Failure' ? Cause.pretty(exit.cause).split('\n')[0] : '';
    return Response.json({ ...(await Effect.runPromise(program)), cause });
  },
};
