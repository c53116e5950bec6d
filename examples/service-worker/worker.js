// A Worker as they were written before modules: a script that listens for events. What
// wrangler.toml binds is global.
import about from './about.html';

addEventListener('fetch', (event) => {
  event.respondWith(answer(event.request, event));
});

async function answer(request, event) {
  const { pathname } = new URL(request.url);
  if (pathname === '/') return new Response(`${SITE}\n`);
  if (pathname === '/about') {
    return new Response(about, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  }
  if (request.method === 'PUT') {
    await PAGES.put(pathname, await request.text());
    event.waitUntil(note(`${pathname} was written`));
    return new Response('written\n', { status: 201 });
  }
  const page = await PAGES.get(pathname, { type: 'stream' });
  return page ? new Response(page) : new Response('no such page\n', { status: 404 });
}

async function note(text) {
  await PAGES.put('last change', text);
}
