// What runtime/node/build.mjs reads out of the Node binary.
declare module 'node-facts' {
  const facts: {
    readonly constants: Readonly<Record<string, Record<string, unknown>>>;
    readonly options: Readonly<Record<string, boolean | number | string>>;
    readonly versions: Readonly<Record<string, string>>;
    readonly release: Readonly<Record<string, string>>;
    readonly uv: Readonly<Record<string, number>> & {
      readonly errors: readonly (readonly [number, string, string])[];
    };
    readonly asyncWrap: {
      readonly constants: Readonly<Record<string, number>>;
      readonly Providers: Readonly<Record<string, number>>;
    };
    readonly stringDecoder: Readonly<Record<string, number>> & {
      readonly encodings: readonly string[];
    };
    readonly errors: { readonly exitCodes: Readonly<Record<string, number>> };
    readonly util: { readonly constants: Readonly<Record<string, number>> };
    readonly privateSymbols: readonly string[];
    readonly symbols: readonly string[];
    readonly httpParser: {
      readonly allMethods: string[];
      readonly constants: Readonly<Record<string, number>>;
      readonly methods: string[];
    };
    readonly caresWrap: Readonly<Record<string, number>>;
    readonly performance: { readonly constants: Readonly<Record<string, number>> };
    readonly buffer: { readonly kMaxLength: number; readonly kStringMaxLength: number };
    readonly nameOnly: Readonly<
      Record<
        string,
        Readonly<
          Record<
            string,
            { readonly kind: 'class' | 'function' | 'value'; readonly value?: unknown }
          >
        >
      >
    >;
    readonly crypto: {
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
    readonly zlib: Readonly<Record<string, number>>;
  };
  export default facts;
}
