import {
  applyPatches,
  enableMapSet,
  enablePatches,
  original,
  produce,
  produceWithPatches,
} from 'immer';

enableMapSet();
enablePatches();

const fleet = {
  ships: new Map([['nau', { crew: 60, ports: new Set(['Lisboa']) }]]),
  log: [{ day: 1 }, { day: 2 }],
  flag: { country: 'Portugal' },
};

export default {
  fetch() {
    const [next, patches, inverse] = produceWithPatches(fleet, (draft) => {
      const nau = draft.ships.get('nau');
      if (nau) nau.crew++;
      nau?.ports.add('Goa');
      draft.log.push({ day: 3 });
      draft.log.shift();
    });
    let refused = '';
    try {
      (next.log as { day: number }[]).push({ day: 4 });
    } catch (error) {
      refused = (error as Error).name;
    }
    const back = applyPatches(next, inverse);
    return Response.json({
      crew: [fleet.ships.get('nau')?.crew, next.ships.get('nau')?.crew],
      ports: [...(next.ships.get('nau')?.ports ?? [])],
      log: next.log,
      shared: next.flag === fleet.flag,
      same:
        produce(fleet, (draft) => {
          draft.flag.country = 'Portugal';
        }) === fleet,
      patches: patches.map(({ op, path }) => `${op} ${path.join('/')}`),
      refused,
      back: [back.ships.get('nau')?.crew, back.log.length, back.log[0]?.day],
      original: produce({ a: 1, b: 0 }, (draft) => {
        draft.a = 5;
        draft.b = original(draft)?.a ?? -1;
      }),
    });
  },
};
