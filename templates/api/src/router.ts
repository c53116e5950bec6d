import { Problem } from './problem.ts';

export interface Call<Env> {
  readonly request: Request;
  readonly url: URL;
  readonly env: Env;
  /** What stands in the path for a `:name` of the route; throws for another name. */
  param(name: string): string;
}

type Handler<Env> = (call: Call<Env>) => Response | Promise<Response>;

interface Route<Env> {
  readonly method: string;
  readonly parts: readonly string[];
  readonly handler: Handler<Env>;
}

const partsOf = (path: string) => path.split('/').filter(Boolean);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Problem(400, 'the path is not encoded right');
  }
}

/** The parameters of a path that a route matches. */
function match(route: readonly string[], path: readonly string[]): Map<string, string> | undefined {
  if (route.length !== path.length) return undefined;
  const params = new Map<string, string>();
  for (const [i, part] of route.entries()) {
    const given = path[i] ?? '';
    if (part.startsWith(':')) params.set(part.slice(1), decoded(given));
    else if (part !== given) return undefined;
  }
  return params;
}

/** Routes by method and path; a Problem that a handler throws becomes the answer. */
export class Router<Env> {
  readonly #routes: Route<Env>[] = [];

  on(method: string, path: string, handler: Handler<Env>): this {
    this.#routes.push({ method, parts: partsOf(path), handler });
    return this;
  }

  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      return await this.#answer(request, env);
    } catch (error) {
      if (error instanceof Problem) return error.toResponse();
      console.error(error);
      return new Problem(500, 'something went wrong here').toResponse();
    }
  }

  #answer(request: Request, env: Env): Response | Promise<Response> {
    const url = new URL(request.url);
    const path = partsOf(url.pathname);
    const allowed: string[] = [];
    for (const { method, parts, handler } of this.#routes) {
      const params = match(parts, path);
      if (!params) continue;
      allowed.push(method);
      if (method !== request.method) continue;
      const param = (name: string) => {
        const value = params.get(name);
        if (value === undefined) throw new Error(`the route has no :${name}`);
        return value;
      };
      return handler({ request, url, env, param });
    }
    if (allowed.length === 0) throw new Problem(404, 'there is no such resource');
    const allow = allowed.join(', ');
    throw new Problem(405, `this resource takes ${allow}`, { allow });
  }
}
