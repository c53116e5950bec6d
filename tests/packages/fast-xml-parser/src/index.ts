import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

export default {
  async fetch(request: Request) {
    const xml = await request.text();
    const valid = XMLValidator.validate(xml);
    if (valid !== true) return Response.json(valid.err, { status: 400 });
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      isArray: (name) => name === 'item',
      cdataPropName: '#cdata',
    });
    const value = parser.parse(xml);
    const builder = new XMLBuilder({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      cdataPropName: '#cdata',
    });
    return Response.json({ value, back: builder.build(value) });
  },
};
