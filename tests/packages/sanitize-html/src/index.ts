import sanitize from 'sanitize-html';

export default {
  async fetch(request: Request) {
    const html = sanitize(await request.text(), {
      allowedTags: [...sanitize.defaults.allowedTags, 'img'],
      allowedAttributes: { a: ['href', 'rel'], img: ['src'], p: ['style'] },
      allowedStyles: { '*': { color: [/^#[0-9a-f]{3}$/] } },
      transformTags: { a: sanitize.simpleTransform('a', { rel: 'nofollow' }) },
    });
    return new Response(html);
  },
};
