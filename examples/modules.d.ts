// What an import gives, as wrangler's default rules upload the file.
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
declare module '*.txt' {
  const text: string;
  export default text;
}
declare module '*.html' {
  const text: string;
  export default text;
}
declare module '*.graphql' {
  const text: string; // by the rules in wrangler.jsonc
  export default text;
}
declare module '*.bin' {
  const data: ArrayBuffer;
  export default data;
}
