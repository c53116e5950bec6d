// The binding `fs`: Node's calls on the files of runtime/node/files.
// Source: Node's documentation, "File system"; the order of arguments is that in
// which Node's library gives them.
import type { Realm } from '../binding.ts';
import { Descriptors } from '../files/descriptors.ts';
import { type Bundle, Device, type Entry, Folder } from '../files/entries.ts';
import { Root } from '../files/root.ts';
import { changeMode, changeOwner, changeTimes, Tree } from '../files/tree.ts';
import type { Loose } from '../loose.ts';
import { type Calls, makeCalls, textOf } from './fs_calls.ts';
import { copyCalls } from './fs_copy.ts';
import { fileJobs, openHandles } from './fs_handles.ts';
import { encoded, entriesOf, statfsOf, statsOf, typesOf } from './fs_results.ts';

const kCopyExclusive = 1;
const kAllCopy = 7;
const W_OK = 2;
const kAllAccess = 7;
const O_RDONLY = 0;
const O_WRONLY = 1;

// What the bindings of files share.
export interface Files {
  readonly calls: Calls;
  readonly descriptors: Descriptors;
  readonly tree: Tree;
}

export function makeFiles(realm: Realm, bundle: Bundle): Files & { readonly root: Root } {
  const { process } = realm;
  const root: Root = new Root(bundle, (invocation) => descriptors.forget(invocation));
  const tree = new Tree(root, () => process.cwd());
  const descriptors = new Descriptors(tree);
  const none = () => 0;
  const stream = (name: string) =>
    new Device(none, (bytes) => process[name].write(realm.require('buffer').Buffer.from(bytes)));
  descriptors.place(0, new Device(none, none), O_RDONLY);
  descriptors.place(1, stream('stdout'), O_WRONLY);
  descriptors.place(2, stream('stderr'), O_WRONLY);
  return {
    calls: makeCalls(realm, (code, path) => tree.hint(code, path)),
    descriptors,
    tree,
    root,
  };
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

// Where to read or write; -1: where the file stands.
function positionOf(position: unknown): number {
  return typeof position === 'number' || typeof position === 'bigint' ? Number(position) : -1;
}

export function fsBinding(realm: Realm, files: Files): Loose {
  return {
    ...pathCalls(realm, files),
    ...changes(files),
    ...transfers(realm, files),
    ...copyCalls(realm, files),
    ...openHandles(files),
    ...fileJobs(realm, files),
    FSReqCallback: files.calls.FSReqCallback,
    kUsePromises: files.calls.kUsePromises,
    kFsStatsFieldsNumber: 18,
    StatWatcher: class {
      start() {
        const error: Loose = new Error('fs.watchFile() is not supported in Workers');
        error.code = 'ERR_METHOD_NOT_IMPLEMENTED';
        throw error;
      }
      close() {}
      getAsyncId() {
        return 0;
      }
    },
    statValues: new Float64Array(36),
    bigintStatValues: new BigInt64Array(36),
  };
}

// What is asked and done by path.
function pathCalls({ require }: Realm, { calls, descriptors, tree }: Files): Loose {
  const { attempt, call, callOpen } = calls;
  const { Buffer } = require('buffer');

  function modeOf(mode: unknown, most: number): number {
    if (mode === undefined || mode === null) return 0;
    require('internal/validators').validateInteger(mode, 'mode', 0, most);
    return mode as number;
  }

  // A missing file is an error, unless it is said that it is none.
  function stat(syscall: string, follow: boolean): Loose {
    const run = call(syscall, 2, 1, (path, bigint) =>
      statsOf(tree.find(textOf(path), follow), Boolean(bigint)),
    );
    return (path: unknown, bigint: boolean, req: unknown, throwIfNoEntry = true) => {
      if (throwIfNoEntry || exists(path, follow)) return run(path, bigint, req);
      if (req === undefined) return undefined;
      return call(syscall, 0, 0, () => undefined)(req);
    };
  }

  function exists(path: unknown, follow = true): boolean {
    try {
      tree.find(textOf(path), follow);
      return true;
    } catch {
      return false;
    }
  }

  return {
    access(path: unknown, mode: unknown, req: unknown) {
      const checked = modeOf(mode, kAllAccess);
      return call('access', 1, 1, () => tree.access(textOf(path), (checked & W_OK) !== 0))(
        path,
        req,
      );
    },
    existsSync: (path: unknown) => exists(path),
    // 0 is a file, 1 a folder, below 0 nothing.
    internalModuleStat(...args: unknown[]) {
      const path = textOf(args.at(-1));
      if (!exists(path)) return -2;
      return tree.find(path) instanceof Folder ? 1 : 0;
    },
    stat: stat('stat', true),
    lstat: stat('lstat', false),
    fstat: callOpen('fstat', 2, (fd, bigint) =>
      statsOf(descriptors.get(fd).entry, Boolean(bigint)),
    ),
    statfs: call('statfs', 2, 1, (path, bigint) => {
      tree.find(textOf(path));
      return statfsOf(Boolean(bigint));
    }),
    readdir: call('scandir', 3, 1, (path, encoding, types) => {
      const entries = entriesOf(tree.list(textOf(path)));
      const names = entries.map(([name]) => encoded(Buffer, name, encoding));
      return types ? [names, typesOf(entries)] : names;
    }),
    // Folder by folder. With types also how many names are of each folder, and of
    // which.
    readdirRecursive: call('scandir', 3, 1, (path, encoding, types) => {
      const base = textOf(path);
      const names: string[] = [];
      const kinds: number[] = [];
      const counts: number[] = [];
      const folders = [''];
      for (let i = 0; i < folders.length; i++) {
        const prefix = folders[i] as string;
        const entries = entriesOf(tree.list(`${base}/${prefix}`));
        counts.push(entries.length);
        kinds.push(...typesOf(entries));
        for (const [name] of entries) {
          const relative = prefix === '' ? name : `${prefix}/${name}`;
          names.push(types ? name : relative);
          const inner = `${base}/${relative}`;
          if (exists(inner) && tree.find(inner) instanceof Folder) folders.push(relative);
        }
      }
      const shown = (texts: string[]) => texts.map((text) => encoded(Buffer, text, encoding));
      if (!types) return shown(names);
      return [shown(names), Uint8Array.from(kinds), Uint32Array.from(counts), shown(folders)];
    }),
    realpath: call('realpath', 2, 1, (path, encoding) =>
      encoded(Buffer, tree.realPath(textOf(path)), encoding),
    ),
    readlink: call('readlink', 2, 1, (path, encoding) =>
      encoded(Buffer, tree.readLink(textOf(path)), encoding),
    ),
    mkdir: call('mkdir', 3, 1, (path, mode, recursive) => {
      if (recursive) return tree.makeFolders(textOf(path), mode);
      tree.makeFolder(textOf(path), mode);
      return undefined;
    }),
    mkdtemp(prefix: unknown, encoding: unknown, req: unknown) {
      const template = `${textOf(prefix)}XXXXXX`;
      const make = () => encoded(Buffer, tree.makeTemporary(textOf(prefix)), encoding);
      return call('mkdtemp', 1, 1, make)(template, req);
    },
    rename: call('rename', 2, 2, (from, to) => tree.rename(textOf(from), textOf(to))),
    link: call('link', 2, 2, (from, to) => tree.link(textOf(from), textOf(to))),
    symlink: call('symlink', 3, 2, (target, path) => tree.symlink(textOf(target), textOf(path))),
    unlink: call('unlink', 1, 1, (path) => tree.unlink(textOf(path))),
    rmdir: call('rmdir', 1, 1, (path) => tree.removeFolder(textOf(path))),
    rmSync(path: unknown, _retries: number, recursive: boolean) {
      const text = textOf(path);
      if (!recursive && exists(text, false) && tree.find(text, false) instanceof Folder) {
        const error: Loose = new Error(`Path is a directory: ${text}`);
        error.code = 'ERR_FS_EISDIR';
        throw error;
      }
      attempt('rm', [path], () => tree.removeAll(text));
    },
    copyFile(from: unknown, to: unknown, mode: unknown, req: unknown) {
      const exclusive = (modeOf(mode, kAllCopy) & kCopyExclusive) !== 0;
      const copy = () => tree.copyFile(textOf(from), textOf(to), exclusive);
      return call('copyfile', 2, 2, copy)(from, to, req);
    },
  };
}

// Mode, owner and times, by path, by the link itself and by descriptor.
function changes({ calls: { call, callOpen }, descriptors, tree }: Files): Loose {
  type Change = (entry: Entry, ...args: Loose[]) => void;
  const named = (syscall: string, request: number, change: Change) =>
    call(syscall, request, 1, (path, ...args) => change(tree.find(textOf(path)), ...args));
  const linked = (syscall: string, request: number, change: Change) =>
    call(syscall, request, 1, (path, ...args) => change(tree.find(textOf(path), false), ...args));
  const open = (syscall: string, request: number, change: Change) =>
    callOpen(syscall, request, (fd, ...args) => change(descriptors.get(fd).entry, ...args));
  return {
    chmod: named('chmod', 2, changeMode),
    fchmod: open('fchmod', 2, changeMode),
    chown: named('chown', 3, changeOwner),
    fchown: open('fchown', 3, changeOwner),
    lchown: linked('lchown', 3, changeOwner),
    utimes: named('utime', 3, changeTimes),
    futimes: open('futime', 3, changeTimes),
    lutimes: linked('lutime', 3, changeTimes),
  };
}

// Bytes, by descriptor.
function transfers({ require }: Realm, { calls, descriptors }: Files): Loose {
  const { attempt, call, callOpen } = calls;
  const { Buffer } = require('buffer');

  function writeAll(fd: number, pieces: readonly Uint8Array[], position: unknown): number {
    let at = positionOf(position);
    let count = 0;
    for (const piece of pieces) {
      const written = descriptors.get(fd).write(piece, at);
      count += written;
      if (at >= 0) at += written;
    }
    return count;
  }

  // All that is left of an open file, in pieces, as nobody knows the size of a device.
  function readRest(fd: number): string {
    const file = descriptors.get(fd);
    const pieces: Uint8Array[] = [];
    for (;;) {
      const piece = new Uint8Array(Math.max(file.rest(), 8192));
      const count = file.read(piece, -1);
      if (count === 0) break;
      pieces.push(piece.subarray(0, count));
    }
    return textOf(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces));
  }

  // A file that is given by its descriptor, or opened for the time of `use`.
  function withFile(which: unknown, flags: number, mode: number, use: (fd: number) => unknown) {
    if (typeof which === 'number') return use(which);
    const fd = attempt('open', [which], () => descriptors.open(textOf(which), flags, mode));
    try {
      return use(fd);
    } finally {
      descriptors.close(fd);
    }
  }

  return {
    open: call('open', 3, 1, (path, flags, mode) => descriptors.open(textOf(path), flags, mode)),
    close: callOpen('close', 1, (fd) => descriptors.close(fd)),
    read: callOpen('read', 5, (fd, view, offset, length, position) =>
      descriptors
        .get(fd)
        .read(bytesOf(view).subarray(offset, offset + length), positionOf(position)),
    ),
    readBuffers: callOpen('read', 3, (fd, views, position) => {
      let at = positionOf(position);
      let count = 0;
      for (const view of views) {
        const bytes = bytesOf(view);
        const read = descriptors.get(fd).read(bytes, at);
        count += read;
        if (at >= 0) at += read;
        if (read < bytes.length) break;
      }
      return count;
    }),
    writeBuffer: callOpen('write', 5, (fd, view, offset, length, position) =>
      writeAll(fd, [bytesOf(view).subarray(offset, offset + length)], position),
    ),
    writeBuffers: callOpen('write', 3, (fd, views, position) =>
      writeAll(fd, views.map(bytesOf), position),
    ),
    writeString: callOpen('write', 4, (fd, text, position, encoding) =>
      writeAll(fd, [Buffer.from(text, encoding)], position),
    ),
    readFileUtf8: (which: unknown, flags: number) =>
      withFile(which, flags, 0o666, (fd) => attempt('read', [], () => readRest(fd))),
    writeFileUtf8(which: unknown, text: string, flags: number, mode: number) {
      withFile(which, flags, mode, (fd) =>
        attempt('write', [], () => writeAll(fd, [native.utf8Encode(text)], null)),
      );
    },
    ftruncate: callOpen('ftruncate', 2, (fd, length) => descriptors.get(fd).resize(length)),
    fsync: callOpen('fsync', 1, (fd) => void descriptors.get(fd)),
    fdatasync: callOpen('fdatasync', 1, (fd) => void descriptors.get(fd)),
  };
}
