// Why an operation on files cannot be done: the name of a system error, "ENOENT".
// bindings/fs_calls.ts makes Node's exception of it, with the call and the paths.
export class Failure {
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}

export function fail(code: string): never {
  throw new Failure(code);
}
