// What the binding `fs` has as objects: open files of fs.promises, and the jobs by
// which the library reads or writes a whole file in one go.
import type { Realm } from '../binding.ts';
import { direntType, Folder, type Readable } from '../files/entries.ts';
import { fail } from '../files/failure.ts';
import type { Loose } from '../loose.ts';
import type { Files } from './fs.ts';
import { textOf } from './fs_calls.ts';
import { encoded, entriesOf } from './fs_results.ts';

export function openHandles({ calls, descriptors }: Files): Loose {
  const { attempt, call, kUsePromises } = calls;
  const close = call('close', 1, 0, (fd) => descriptors.close(fd));

  class FileHandle {
    fd: number;

    constructor(fd: number) {
      this.fd = fd;
    }
    getAsyncId(): number {
      return 0;
    }
    close(): unknown {
      const { fd } = this;
      this.fd = -1;
      return close(fd, kUsePromises);
    }
    closeSync(): void {
      const { fd } = this;
      this.fd = -1;
      attempt('close', [], () => descriptors.close(fd));
    }
    releaseFD(): number {
      const { fd } = this;
      this.fd = -1;
      return fd;
    }
  }

  return {
    FileHandle,
    openFileHandle: call(
      'open',
      3,
      1,
      (path, flags, mode) => new FileHandle(descriptors.open(textOf(path), flags, mode)),
    ),
  };
}

export function fileJobs({ require }: Realm, { calls, descriptors }: Files): Loose {
  const { attempt, later } = calls;
  const { Buffer } = require('buffer');

  // What `work` gives, told to the job's `ondone` as its arguments.
  function run(job: Loose, failed: (error: unknown) => unknown[], work: () => unknown[]): void {
    let told: unknown[];
    try {
      told = work();
    } catch (error) {
      told = failed(error);
    }
    later(() => job.ondone(...told));
  }

  // Tells (error, bytes, -1), or of a file larger than `most` and of one whose size
  // nobody knows (null, undefined, fd, size): then it is open.
  class ReadFileJob {
    ondone: Loose = undefined;
    readonly #args: [path: unknown, flags: number, most: number];

    constructor(path: unknown, flags: number, most: number) {
      this.#args = [path, flags, most];
    }
    run(): undefined {
      const [path, flags, most] = this.#args;
      const failed = (error: unknown) => [error, undefined, -1, undefined, undefined];
      run(this, failed, () => {
        const fd = attempt('open', [path], () => descriptors.open(textOf(path), flags, 0o666));
        const file = descriptors.get(fd);
        const { size } = file.entry as Readable;
        const whole = size > 0 && size <= most;
        if (!whole && !(file.entry instanceof Folder)) return [null, undefined, fd, size];
        try {
          const bytes = Buffer.allocUnsafeSlow(size);
          attempt('read', [path], () => file.read(bytes, -1));
          return [null, bytes, -1, undefined, undefined];
        } finally {
          descriptors.close(fd);
        }
      });
    }
  }

  class WriteFileJob {
    ondone: Loose = undefined;
    readonly #args: [path: unknown, flags: number, mode: number, data: ArrayBufferView];

    constructor(path: unknown, flags: number, mode: number, data: ArrayBufferView) {
      this.#args = [path, flags, mode, data];
    }
    run(): undefined {
      const [path, flags, mode, data] = this.#args;
      run(
        this,
        (error) => [error],
        () => {
          const fd = attempt('open', [path], () => descriptors.open(textOf(path), flags, mode));
          try {
            const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
            attempt('write', [path], () => descriptors.get(fd).write(bytes, -1));
          } finally {
            descriptors.close(fd);
          }
          return [null];
        },
      );
    }
  }

  return { ReadFileJob, WriteFileJob };
}

// The binding `fs_dir`: folders that are read piece by piece.
export function fsDirBinding({ require }: Realm, { calls, tree }: Files): Loose {
  const { call } = calls;
  const { Buffer } = require('buffer');

  class DirHandle {
    readonly #rest: [string, number][];
    #open = true;

    constructor(entries: [string, number][]) {
      this.#rest = entries;
    }
    // [name, type, name, type, …], at most `most` of them; null at the end.
    read(encoding: unknown, most: number, req: unknown): unknown {
      return call('scandir', 0, 0, () => {
        if (!this.#open) fail('EBADF');
        const piece = this.#rest.splice(0, most);
        if (piece.length === 0) return null;
        return piece.flatMap(([name, type]) => [encoded(Buffer, name, encoding), type]);
      })(req);
    }
    close(req: unknown): unknown {
      return call('closedir', 0, 0, () => {
        if (!this.#open) fail('EBADF');
        this.#open = false;
      })(req);
    }
  }

  const open = (path: unknown) => {
    const entries = entriesOf(tree.list(textOf(path)));
    return new DirHandle(entries.map(([name, entry]) => [name, direntType(entry)]));
  };
  return {
    DirHandle,
    opendir: call('opendir', 2, 1, open),
    opendirSync: call('opendir', 1, 1, open),
  };
}
