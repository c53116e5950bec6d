import ky, { HTTPError, TimeoutError } from 'ky';

interface Env {
  ORIGIN: string;
}

export default {
  async fetch(_request: Request, env: Env) {
    const seen: string[] = [];
    const api = ky.create({
      prefixUrl: env.ORIGIN,
      retry: { limit: 3, delay: () => 1 },
      hooks: {
        beforeRequest: [(request) => request.headers.set('x-hook', 'yes')],
        afterResponse: [(_, __, response) => void seen.push(`${response.status}`)],
      },
    });
    const json = await api.post('echo', { json: { port: 'Goa' }, searchParams: { a: 1 } }).json();
    const unsteady = await api.get('unsteady').text();
    const refused = await api.get('missing').catch(async (error) => ({
      known: error instanceof HTTPError,
      status: error.response.status,
    }));
    const late = await api
      .get('never', { timeout: 20, retry: 0 })
      .catch((error) => error instanceof TimeoutError);
    const form = await api.post('echo', { body: new URLSearchParams({ q: 'a b' }) }).json();
    return Response.json({ json, unsteady, refused, late, form, seen });
  },
};
