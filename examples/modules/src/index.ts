// Files as modules, by wrangler's default rules: .txt becomes a string, .bin an
// ArrayBuffer, .json a value. Vars of wrangler.toml arrive in `env`.
import log from './log.txt';
import manifest from './manifest.json';
import signal from './signal.bin';

interface Env {
  readonly GREETING: string;
  readonly LIMITS: { readonly passengers: number; readonly ports: readonly string[] };
}

export default {
  fetch(request: Request, env: Env): Response {
    switch (new URL(request.url).pathname) {
      case '/log':
        return new Response(log);
      case '/manifest':
        return Response.json(manifest);
      case '/signal':
        return new Response(signal);
      case '/limits':
        return Response.json(env.LIMITS);
      default:
        return new Response(`${env.GREETING}: /log /manifest /signal /limits\n`);
    }
  },
};
