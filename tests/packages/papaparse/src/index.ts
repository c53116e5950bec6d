import Papa from 'papaparse';

export default {
  async fetch(request: Request) {
    const text = await request.text();
    const rows: unknown[] = [];
    const { meta, errors, data } = Papa.parse<Record<string, unknown>>(text, {
      header: true,
      dynamicTyping: true,
      skipEmptyLines: true,
    });
    Papa.parse(text, {
      step: ({ data }, parser) => (rows.push(data), rows.length === 2 && parser.abort()),
    });
    return Response.json({
      data,
      errors: errors.map(({ code, row }) => [code, row]),
      delimiter: meta.delimiter,
      rows: rows.length,
      back: Papa.unparse(data, { newline: '\n', escapeFormulae: true }),
    });
  },
};
