// The folders that a Worker finds: /bundle with its modules, /tmp, which each
// invocation has for itself, and /dev.
// Source: Workers documentation, "fs".
import { MapPrototypeDelete, MapPrototypeForEach } from '../../web/primordials.ts';
import { type Bundle, BundleFile, Device, type Entry, Folder } from './entries.ts';
import { fail } from './failure.ts';

const kMostRandomBytes = 65_536;

function random(target: Uint8Array): number {
  for (let at = 0; at < target.length; at += kMostRandomBytes)
    native.randomFill(target.subarray(at, at + kMostRandomBytes));
  return target.length;
}

function zeros(target: Uint8Array): number {
  target.fill(0);
  return target.length;
}

function devices(): Folder {
  const folder = new Folder(0o755, true);
  const drop = () => {};
  folder.place('null', new Device(() => 0, drop));
  folder.place('zero', new Device(zeros, drop));
  folder.place('full', new Device(zeros, () => fail('ENOSPC')));
  folder.place('random', new Device(random, drop));
  folder.place('urandom', new Device(random, drop));
  return folder;
}

// A module "./a/b.txt" is the file b.txt in the folder a.
function bundleFolder(bundle: Bundle): Folder {
  const root = new Folder(0o555, true);
  for (const name of bundle.bundleNames()) {
    const parts = name.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
    const file = parts.pop();
    if (file === undefined) continue;
    let folder = root;
    for (const part of parts) {
      const known = folder.get(part);
      const inner = known instanceof Folder ? known : new Folder(0o555, true);
      folder.place(part, inner);
      folder = inner;
    }
    folder.place(file, new BundleFile(name, bundle));
  }
  return root;
}

export class Root extends Folder {
  readonly #bundle: Bundle;
  readonly #temporary = new Map<number, Folder>();
  readonly #forgotten: (invocation: number) => void;

  // `forgotten` is told of invocations that are over.
  constructor(bundle: Bundle, forgotten: (invocation: number) => void) {
    super(0o755, true);
    this.#bundle = bundle;
    this.#forgotten = forgotten;
    this.place('bundle', bundleFolder(bundle));
    this.place('dev', devices());
  }

  override get(name: string): Entry | undefined {
    return name === 'tmp' ? this.#temporaryOf(native.currentInvocation()) : super.get(name);
  }
  override names(): string[] {
    return [...super.names(), 'tmp'];
  }

  // Whether the invocation that runs finds no /tmp/`name` because code at global scope
  // made that in its own /tmp.
  isOfGlobalScope(name: string): boolean {
    const invocation = native.currentInvocation();
    if (invocation === 0 || this.#temporary.get(0)?.get(name) === undefined) return false;
    return this.#temporary.get(invocation)?.get(name) === undefined;
  }

  forget(invocation: number): void {
    MapPrototypeDelete(this.#temporary, invocation);
    this.#forgotten(invocation);
  }

  #temporaryOf(invocation: number): Folder {
    let folder = this.#temporary.get(invocation);
    if (folder === undefined) {
      // An invocation that was ended has told nobody.
      MapPrototypeForEach(this.#temporary, (_: Folder, other: number) => {
        if (other !== 0 && !this.#bundle.isRunning(other)) this.forget(other);
      });
      folder = new Folder(0o777);
      this.#temporary.set(invocation, folder);
    }
    return folder;
  }
}
