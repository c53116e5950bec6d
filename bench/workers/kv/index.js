// Of the query: what to do, how often, and what keys begin with.
const run = {
  async hot({ KV }) {
    await KV.get('hot');
  },
  async cold({ KV }, key) {
    await KV.get(key);
  },
  async put({ KV }, key) {
    await KV.put(key, 'a value');
  },
};

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const what = searchParams.get('what');
    if (what === null) return new Response(await env.KV.get('hot'));
    const times = Number(searchParams.get('times'));
    const keys = searchParams.get('keys');
    for (let i = 0; i < times; i++) await run[what](env, `${keys}-${i}`);
    return new Response(`did ${times}.`);
  },
};
