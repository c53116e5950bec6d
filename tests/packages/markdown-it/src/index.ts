import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt({ linkify: true, typographer: true });
const image = markdown.renderer.rules.image;
markdown.renderer.rules.image = (tokens, index, ...rest) => {
  tokens[index]?.attrSet('loading', 'lazy');
  return image?.(tokens, index, ...rest) ?? '';
};

export default {
  async fetch(request: Request) {
    const text = await request.text();
    const tokens = markdown.parse(text, {}).map(({ type }) => type);
    return Response.json({ html: markdown.render(text), tokens });
  },
};
