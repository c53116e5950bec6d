// What a case of hostile use is: a Worker that does something no well-meaning one
// would, and the answer that it must get all the same. After each the process must
// be the same one, and a neighbour on its shard must answer (run.ts).

export interface HostileCase {
  /** Reads as a sentence. */
  readonly name: string;
  /** Body of an async function of `request`, `env`, `ctx`; what it returns is the answer. */
  readonly code: string;
  /** Module code before the handler: imports, and what is patched before any request. */
  readonly head?: string;
  /** The whole text of the answer, or what it must match. */
  readonly answer: string | RegExp;
  /** Further requests, each with the answer to it. */
  readonly after?: readonly (readonly [path: string, answer: string | RegExp])[];
  /** Further modules of the Worker, by their names. */
  readonly modules?: Readonly<Record<string, string>>;
  /** With the modules of Node. */
  readonly node?: boolean;
  /** Of the Worker, in ms of CPU; else 500. */
  readonly cpuMs?: number;
  /** Replaces the default export that is made of `code`. */
  readonly handler?: string;
}

/** What ends a request whose code exceeds its time or its memory. */
export const kLimit = /^error code: 1102/;
/** What ends a request whose code throws, or never answers. */
export const kException = /^error code: 1101/;
export const kLimitOrException = /^error code: 110[12]/;

/** Makes a Worker of its default export alone. */
export const exporting = (handler: string) => ({
  code: '',
  handler: `const $R = Response; ${handler}`,
});

/** Helpers that each Worker has, of builtins as they were before the case. */
const prelude = `
const { apply: $apply, ownKeys: $ownKeys, getOwnPropertyDescriptor: $descriptor } = Reflect;
const $define = Object.defineProperty, $String = String, $name = (e) => e?.name ?? $String(e);
// What calling f comes to: "done", or the name of what it throws or rejects with.
const $try = (f) => { try { f(); return 'done'; } catch (e) { return $name(e); } };
const $later = async (f) => { try { await f(); return 'done'; } catch (e) { return $name(e); } };
`;

export function sourceOf({ head = '', code, handler }: HostileCase): string {
  const main = `export default { async fetch(request, env, ctx) {
    const $answer = await (async () => { ${code} })();
    return new $Response($answer);
  } };`;
  return `${head}\n${prelude}\nconst $Response = Response;\n${handler ?? main}`;
}
