import Fuse from 'fuse.js';

const ports = [
  { name: 'Lisboa', tags: ['home'] },
  { name: 'Calecute', tags: ['spice', 'west coast'] },
  { name: 'Melinde', tags: ['pilot'] },
  { name: 'Moçambique', tags: ['island'] },
];
const index = Fuse.createIndex(['name', 'tags'], ports);
const fuse = new Fuse(
  ports,
  { keys: ['name', 'tags'], includeMatches: true, threshold: 0.35, ignoreDiacritics: true },
  index,
);

export default {
  fetch(request: Request) {
    const found = fuse.search(new URL(request.url).searchParams.get('q') ?? '');
    return Response.json(found.map(({ item, matches }) => [item.name, matches?.[0]?.key]));
  },
};
