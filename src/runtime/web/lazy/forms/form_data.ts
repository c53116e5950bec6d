// FormData, XMLHttpRequest Standard §4.
import { brands } from '../../brands.ts';
import { definePairIterable } from '../../iterable.ts';
import { TypeError } from '../../primordials.ts';
import { defineInterface, isObject, requireArguments, toUSVString } from '../../webidl.ts';
import { blobContent, type File, isFile, makeFile } from './blob.ts';

export type Entries = (string | File)[]; // flat [name, value, …]

// "Create an entry": a Blob becomes a File.
function toValue(value: unknown, filename: unknown, what: string): string | File {
  if (!brands.blob(value)) {
    if (filename !== undefined)
      throw new TypeError(`${what}: there is a file name, but parameter 2 is not a Blob`);
    return toUSVString(value);
  }
  if (filename === undefined && isFile(value)) return value;
  const { bytes, type } = blobContent(value);
  const name = filename === undefined ? 'blob' : toUSVString(filename);
  return makeFile(bytes, type, name, isFile(value) ? value.lastModified : undefined);
}

let entriesOf: (value: unknown) => Entries | null;

export class FormData {
  readonly #entries: Entries = [];

  static {
    entriesOf = (value) => (isObject(value) && #entries in value ? value.#entries : null);
  }

  constructor(form: unknown = undefined) {
    if (form !== undefined) throw new TypeError('FormData: there are no form elements here');
  }

  append(name: unknown, value: unknown, filename: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'FormData.append');
    const entries = this.#entries;
    const key = toUSVString(name);
    const entry = toValue(value, filename, 'FormData.append');
    entries[entries.length] = key;
    entries[entries.length] = entry;
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, 'FormData.delete');
    this.#remove(toUSVString(name), 0);
  }

  get(name: unknown): string | File | null {
    requireArguments(arguments.length, 1, 'FormData.get');
    const key = toUSVString(name);
    const at = this.#find(key);
    return at < 0 ? null : (this.#entries[at + 1] as string | File);
  }

  getAll(name: unknown): (string | File)[] {
    requireArguments(arguments.length, 1, 'FormData.getAll');
    const key = toUSVString(name);
    const entries = this.#entries;
    const found: Entries = [];
    for (let i = 0; i < entries.length; i += 2)
      if (entries[i] === key) found[found.length] = entries[i + 1] as string | File;
    return found;
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'FormData.has');
    return this.#find(toUSVString(name)) >= 0;
  }

  set(name: unknown, value: unknown, filename: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'FormData.set');
    const entries = this.#entries;
    const key = toUSVString(name);
    const entry = toValue(value, filename, 'FormData.set');
    const at = this.#find(key);
    if (at < 0) {
      entries[entries.length] = key;
      entries[entries.length] = entry;
      return;
    }
    entries[at + 1] = entry;
    this.#remove(key, at + 2);
  }

  #find(name: string): number {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === name) return i;
    return -1;
  }

  #remove(name: string, from: number): void {
    const entries = this.#entries;
    let end = from;
    for (let i = from; i < entries.length; i += 2) {
      if (entries[i] === name) continue;
      entries[end++] = entries[i] as string;
      entries[end++] = entries[i + 1] as string | File;
    }
    entries.length = end;
  }
}

definePairIterable(FormData, 'FormData', (self) => {
  const entries = entriesOf(self);
  if (entries === null) throw new TypeError('The receiver is not a FormData object');
  return entries;
});
defineInterface(FormData, 'FormData');
brands.formData = (value): value is FormData => entriesOf(value) !== null;

export function makeFormData(entries: Entries): FormData {
  const form = new FormData();
  const target = entriesOf(form) as Entries;
  for (let i = 0; i < entries.length; i++) target[i] = entries[i] as string | File;
  return form;
}

export { entriesOf };
