// Which files of the Web Platform Tests say something of Workers. One that does not is
// left out for one of these reasons; the suite prints how many there are of each.

interface Reason {
  readonly why: string;
  /** Matched against the file's path. */
  readonly file?: RegExp;
  /** Matched against its text. */
  readonly text?: RegExp;
}

const reasons: readonly Reason[] = [
  { why: "needs a parser of WebIDL, which Debian's package leaves out", file: /\/idlharness/ },
  { why: 'compiles WebAssembly from bytes, which Workers refuse', file: /^wasm\/webapi\// },
  {
    why: 'compiles WebAssembly from bytes, which Workers refuse',
    file: /^wasm\//,
    text: /WasmModuleBuilder|emptyModuleBinary|new WebAssembly\.Module\(/,
  },
  { why: 'is of a proposal that V8 does not have on', file: /^wasm\/.*\.tentative\./ },
  { why: 'needs BroadcastChannel, which Workers do not have', file: /broadcastchannel/ },
  { why: 'needs XMLHttpRequest, which Workers do not have', text: /XMLHttpRequest/ },
  { why: 'is about FileReader, which Workers do not have', file: /filereader_/ },
  { why: 'needs URLs of blobs, which Workers do not have', text: /createObjectURL/ },
  {
    why: 'is about pages that came without TLS, which Workers are not',
    file: /^WebCryptoAPI\/historical/,
  },
  { why: 'needs the server of the Web Platform Tests', file: /send-file-formdata/ },
  {
    why: 'waits for a clock, which stands still while a Worker computes',
    file: /webtiming-resolution/,
  },
  {
    why: 'observes resources, of which Workers keep no entries',
    text: /getEntriesByType\("resource"\)/,
  },
];

/** Why the file says nothing of Workers; undefined: it does. */
export function whyNot(file: string, text: string): string | undefined {
  return reasons.find(
    (reason) => (reason.file?.test(file) ?? true) && (reason.text?.test(text) ?? true),
  )?.why;
}
