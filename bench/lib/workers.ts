// Sources of Workers of a given size, each different from all others.

/** A function such as bundlers leave in: parsed, mostly never called. */
const filler = (index: number) =>
  `function part${index}(a, b) {
  const pieces = [a, b, ${index}].map((x) => \`\${x}\`.padStart(6, '0'));
  if (a > b) return { key: pieces.join('-'), next: () => part${index}(b, a) };
  for (const piece of pieces) if (piece.length > ${index % 9}) return piece;
  return null;
}
`;

/** `const ID` comes last, so that the rest can be one long text. */
export function sourceOfSize(bytes: number): string {
  const tail = "export default { fetch() { return new Response('worker ' + ID + '.'); } };\n";
  let source = '';
  for (let index = 0; source.length + tail.length < bytes - 400; index++) source += filler(index);
  return source + tail;
}

export const withId = (source: string, id: number) => `${source}const ID = ${id};\n`;
export const answerOf = (id: number) => `worker ${id}.`;
