import { Marked } from 'marked';

const marked = new Marked({ gfm: true }).use({
  renderer: {
    heading({ tokens, depth }) {
      const text = this.parser.parseInline(tokens);
      const id = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
      return `<h${depth} id="${id}">${text}</h${depth}>\n`;
    },
  },
});

export default {
  async fetch(request: Request) {
    const html = await marked.parse(await request.text());
    return new Response(html, { headers: { 'content-type': 'text/html;charset=utf-8' } });
  },
};
