// Which modules of Node a Worker may import; docs/compatibility.md lists them.
// Source of the list: Workers documentation, "Node.js compatibility".

const built: readonly string[] = [
  'assert',
  'assert/strict',
  '_stream_duplex',
  '_stream_passthrough',
  '_stream_readable',
  '_stream_transform',
  '_stream_writable',
  'async_hooks',
  'buffer',
  'diagnostics_channel',
  'events',
  'path',
  'path/posix',
  'path/win32',
  'process',
  'punycode',
  'querystring',
  'stream',
  'stream/consumers',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'sys',
  'timers',
  'timers/promises',
  'url',
  'util',
  'util/types',
];

const builtSet = new Set(built);

export function isPublic(id: string): boolean {
  return builtSet.has(id);
}

export function publicIds(): string[] {
  return [...built];
}
