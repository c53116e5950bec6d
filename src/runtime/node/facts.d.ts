// What runtime/node/build.mjs reads out of the Node binary: each is made when it is first
// asked for, once in each lazy module that asks (runtime/web/build.mjs).
declare module 'node-facts' {
  export function constants(): Readonly<Record<string, Record<string, unknown>>>;
  export function options(): Readonly<Record<string, boolean | number | string>>;
  export function versions(): Readonly<Record<string, string>>;
  export function release(): Readonly<Record<string, string>>;
  export function uv(): Readonly<Record<string, number>> & {
    readonly errors: readonly (readonly [number, string, string])[];
  };
  export function asyncWrap(): {
    readonly constants: Readonly<Record<string, number>>;
    readonly Providers: Readonly<Record<string, number>>;
  };
  export function stringDecoder(): Readonly<Record<string, number>> & {
    readonly encodings: readonly string[];
  };
  export function errors(): { readonly exitCodes: Readonly<Record<string, number>> };
  export function util(): { readonly constants: Readonly<Record<string, number>> };
  export function privateSymbols(): readonly string[];
  export function symbols(): readonly string[];
  export function httpParser(): {
    readonly allMethods: string[];
    readonly constants: Readonly<Record<string, number>>;
    readonly methods: string[];
  };
  export function caresWrap(): Readonly<Record<string, number>>;
  export function performance(): { readonly constants: Readonly<Record<string, number>> };
  export function buffer(): { readonly kMaxLength: number; readonly kStringMaxLength: number };
  export function nameOnlyIds(): readonly string[];
  export function nameOnly(): Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly kind: 'class' | 'function' | 'value'; readonly value?: unknown }>
      >
    >
  >;
  export function crypto(): {
    readonly constants: Readonly<Record<string, number>>;
    readonly functions: readonly string[];
    readonly ciphers: readonly string[];
    readonly curves: readonly string[];
    readonly hashes: readonly string[];
    readonly macs: readonly string[];
    readonly sslCiphers: readonly string[];
    readonly pqcKeyTypes: unknown;
    readonly securityLevel: number;
  };
  export function zlib(): Readonly<Record<string, number>>;
}
