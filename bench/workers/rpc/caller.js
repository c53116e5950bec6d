// One call after the other, as many as are asked for: "/rpc?900", "/fetch?900".
export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    const calls = Number(search.slice(1));
    let sum = 0;
    for (let i = 0; i < calls; i++) {
      if (pathname === '/rpc') sum += await env.CALLEE.add(1, 0);
      else sum += (await (await env.CALLEE.fetch('http://callee/')).text()).length;
    }
    return new Response(`sum ${sum}.`);
  },
};
