// The paths of the API: those that Caravel has, by its own document, and those that a
// release of wrangler knows, by its program.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ask } from '../../../tools/platform/http.ts';
import type { Envelope, Platform } from '../../../tools/platform/platform.ts';
import type { Release } from './releases.ts';

/** The paths of the API, "/accounts/{account_id}/…", with the methods of each. */
export class ApiPaths {
  readonly #methods: ReadonlyMap<string, ReadonlySet<string>>;

  private constructor(document: { readonly paths: Readonly<Record<string, object>> }) {
    this.#methods = new Map(
      Object.entries(document.paths).map(([template, methods]) => [
        template,
        new Set(Object.keys(methods).map((method) => method.toUpperCase())),
      ]),
    );
  }

  static async of(platform: Platform): Promise<ApiPaths> {
    return new ApiPaths(JSON.parse((await ask(`${platform.api}/openapi.json`)).text));
  }

  /** The template that a path is of; of several the one with most words of its own. */
  templateOf(asked: string): string | undefined {
    const segments = asked.split('/');
    const fits = (template: string) => {
      const parts = template.split('/');
      return (
        parts.length === segments.length &&
        parts.every((part, index) => part.startsWith('{') || part === segments[index])
      );
    };
    const variables = (template: string) => template.split('{').length;
    return [...this.#methods.keys()]
      .filter(fits)
      .toSorted((a, b) => variables(a) - variables(b))[0];
  }

  has(method: string, template: string): boolean {
    return this.#methods.get(template)?.has(method) ?? false;
  }
}

/**
 * Paths below /accounts and /zones that the program of a release has, "*" for what it puts
 * in; without those of the client of all of Cloudflare's API that is bundled with it.
 */
export function pathsKnownTo({ program }: Release): string[] {
  const text = readFileSync(path.join(path.dirname(program), '../wrangler-dist/cli.js'), 'utf8');
  const own = text
    .split('\n')
    .filter((line) => !line.includes('_client.'))
    .join('\n');
  const found = [...own.matchAll(/`(\/(?:accounts|zones)\/[^`\n]*)`/g)].map(([, template = '']) =>
    template
      .replace(/\$\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, '*')
      .replace(/(\?|\$\{).*/, '') // a query, or a text within a text
      .replace(/(?<=[^/])\*/g, '') // what is put behind a word is a query or empty
      .replace(/\/$/, ''),
  );
  return [...new Set(found)].toSorted();
}

/** Asks for a path that is not built: it must say so, and which product it is of. */
export async function checkNotBuilt(platform: Platform, asked: string) {
  const answer = await ask(platform.api + asked, {
    headers: { authorization: `Bearer ${platform.token}` },
  });
  const { success, errors } = JSON.parse(answer.text) as Envelope;
  assert.equal(success, false, asked);
  assert.equal(answer.status, 404, asked);
  assert.equal(errors[0]?.code, 7000, asked);
  assert.match(errors[0]?.message ?? '', /: not built in Caravel yet \(GET /, asked);
}
