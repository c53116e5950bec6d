import { assign, createActor, fromPromise, setup, waitFor } from 'xstate';

const machine = setup({
  types: {} as {
    context: { wind: string; tries: number };
    events: { type: 'SAIL' } | { type: 'ANCHOR' };
  },
  actors: {
    forecast: fromPromise(async ({ input }: { input: number }) => {
      await scheduler.wait(1);
      if (input < 2) throw new Error('fog');
      return 'NW';
    }),
  },
  guards: { windy: ({ context }) => context.wind !== '' },
}).createMachine({
  id: 'ship',
  initial: 'asking',
  context: { wind: '', tries: 0 },
  states: {
    asking: {
      entry: assign({ tries: ({ context }) => context.tries + 1 }),
      invoke: {
        src: 'forecast',
        input: ({ context }) => context.tries,
        onDone: { target: 'harbour', actions: assign({ wind: ({ event }) => event.output }) },
        onError: { target: 'asking', reenter: true },
      },
    },
    harbour: { on: { SAIL: { guard: 'windy', target: 'sea' } } },
    sea: { after: { 2: 'arrived' }, on: { ANCHOR: 'harbour' } },
    arrived: { type: 'final' },
  },
  output: ({ context }) => context,
});

export default {
  async fetch() {
    const states: string[] = [];
    const ship = createActor(machine);
    ship.subscribe(({ value }) => void states.push(`${value}`));
    ship.start();
    await waitFor(ship, (snapshot) => snapshot.matches('harbour'));
    ship.send({ type: 'ANCHOR' });
    const saved = JSON.stringify(ship.getPersistedSnapshot());
    ship.send({ type: 'SAIL' });
    const { output, status } = await waitFor(ship, ({ status }) => status === 'done');
    const again = createActor(machine, { snapshot: JSON.parse(saved) }).start();
    return Response.json({ states, output, status, again: again.getSnapshot().value });
  },
};
