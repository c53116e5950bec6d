import { addExtension, Packr, pack, unpack, unpackMultiple } from 'msgpackr';

class Position {
  constructor(
    readonly latitude: number,
    readonly longitude: number,
  ) {}
}
addExtension({
  Class: Position,
  type: 0x11,
  pack: ({ latitude, longitude }: Position) => pack([latitude, longitude]),
  unpack: (bytes: Uint8Array) => new Position(...(unpack(bytes) as [number, number])),
});

export default {
  async fetch(request: Request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/echo') {
      const value = unpack(new Uint8Array(await request.arrayBuffer()));
      const compact = new Packr({ variableMapSize: true, useRecords: false });
      return new Response(compact.pack(value), {
        headers: { 'content-type': 'application/msgpack' },
      });
    }
    const records = new Packr({ useRecords: true, structures: [] });
    const list = Array.from({ length: 50 }, (_, id) => ({ id, name: `ship ${id}`, afloat: true }));
    const position = unpack(pack(new Position(38.7, -9.1)));
    const when = new Date(Date.UTC(1498, 4, 20));
    const plain = {
      when,
      big: 2n ** 60n,
      set: new Set([1, 2]),
      map: new Map([['a', 1]]),
      none: undefined,
    };
    const back = new Packr({ moreTypes: true, useRecords: false, mapsAsObjects: true });
    const again = back.unpack(back.pack(plain));
    return Response.json({
      smaller: records.pack(list).length < pack(list).length,
      same: JSON.stringify(records.unpack(records.pack(list))) === JSON.stringify(list),
      position: position instanceof Position && position.latitude,
      when: again.when.toISOString(),
      big: `${again.big}`,
      set: [...again.set],
      many: unpackMultiple(new Uint8Array([1, 0xa1, 0x61, 0xc0])),
    });
  },
};
