// Which files of the Web Platform Tests say something of Workers, and which of their
// subtests. What does not is left out for one of these reasons; the suite prints how
// many there are of each.

interface Reason {
  readonly why: string;
  /** Matched against the file's path. */
  readonly file?: RegExp;
  /** Matched against its text. */
  readonly text?: RegExp;
}

const reasons: readonly Reason[] = [
  { why: 'is about ShadowRealm, which V8 does not have on', file: /\/idlharness-shadowrealm/ },
  { why: 'compiles WebAssembly from bytes, which Workers refuse', file: /^wasm\/webapi\// },
  {
    why: 'compiles WebAssembly from bytes, which Workers refuse',
    file: /^wasm\//,
    text: /WasmModuleBuilder|emptyModuleBinary|new WebAssembly\.Module\(/,
  },
  {
    why: 'compiles WebAssembly from bytes, which Workers refuse',
    file: /^wasm\/jsapi\/idlharness/,
  },
  { why: 'is of a proposal that V8 does not have on', file: /^wasm\/.*\.tentative\./ },
  { why: 'needs BroadcastChannel, which Workers do not have', file: /broadcastchannel/ },
  { why: 'is about FileReader, which Workers do not have', file: /filereader_|FileReaderSync/ },
  { why: 'needs URLs of blobs, which Workers do not have', text: /createObjectURL/ },
  {
    why: 'needs a page',
    file: /^(?!url\/toascii|encoding\/single-byte-decoder).*\.window\.js$/,
    text: /\b(document\.|iframe|window\.event|new MutationObserver|receiveEventOnce\(window)/,
  },
  { why: 'needs a page', file: /^dom\/events\/legacy-pre-activation-behavior/ },
  {
    why: 'needs XMLHttpRequest, which Workers do not have',
    file: /^(?!encoding\/single-byte-decoder)/,
    text: /XMLHttpRequest/,
  },
  { why: 'needs XMLHttpRequest, which Workers do not have', file: /\/replacement-encodings/ },
  {
    why: 'is about pages that came without TLS, which Workers are not',
    file: /^WebCryptoAPI\/historical/,
  },
  { why: 'needs the server of the Web Platform Tests', file: /send-file-formdata/ },
  {
    why: 'waits for a clock, which stands still while a Worker computes',
    file: /webtiming-resolution|po-entries-sort/,
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

/** Of files that are about more than Workers have: the subtests that say nothing of them. */
const outside: readonly { readonly file: string; readonly subtest: RegExp }[] = [
  { file: 'url/toascii.window.js', subtest: /\(using <a(rea)?>/ },
  {
    file: 'FileAPI/idlharness.worker.js',
    subtest: /\b(FileReader(Sync)?|FileList|\w+ObjectURL)\b/,
  },
  { file: 'hr-time/idlharness.any.js', subtest: /^Window\b/ },
];

/** Whether a subtest of `file` says something of Workers. */
export const concerns = (file: string, subtest: string): boolean =>
  !outside.some((each) => each.file === file && each.subtest.test(subtest));

/** What a file reads of its variants: those with a page or XMLHttpRequest are not for Workers. */
export const variantOf = (text: string): string =>
  text.includes('// META: variant=?TextDecoder') ? '?TextDecoder' : '';
