import { parseAllDocuments, parseDocument, stringify } from 'yaml';

export default {
  async fetch(request: Request) {
    const text = await request.text();
    if (new URL(request.url).pathname === '/edit') {
      const document = parseDocument(text);
      document.setIn(['ports', 1, 'days'], 9);
      return new Response(document.toString());
    }
    const documents = parseAllDocuments(text);
    return Response.json({
      values: documents.map((document) => document.toJS({ maxAliasCount: 10 })),
      errors: documents.flatMap(({ errors }) =>
        errors.map(({ code, linePos }) => [code, linePos?.[0].line]),
      ),
      text: stringify({ a: [1, { b: 'x: y' }], c: 'two\nlines\n', d: null }),
    });
  },
};
