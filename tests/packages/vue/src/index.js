import { renderToString, renderToWebStream } from 'vue/server-renderer';
import { createApp } from '../dist/app.js';

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const app = createApp({ ships: searchParams.getAll('ship') });
    const headers = { 'content-type': 'text/html;charset=utf-8' };
    if (pathname === '/stream') return new Response(renderToWebStream(app), { headers });
    const context = {};
    const html = await renderToString(app, context);
    return Response.json({ html, teleports: context.teleports });
  },
};
