// One side of a session of RPC: the tables of what it gave to the other side, of what it
// asked and of what it answers. docs/rpc.md has the messages; the port carries their bytes.
import {
  ArrayIsArray,
  bareList,
  Error,
  NumberIsInteger,
  PromisePrototypeThen,
  PromiseWithResolvers,
  TypeError,
} from '../../primordials.ts';
import { Table } from '../../table.ts';
import { isObject } from '../../webidl.ts';
import { asRemote, errorFrom, plainParts, thrownParts } from './errors.ts';
import { type Frames, makeFrames, wholeMessage } from './frames.ts';
import type { Gathered } from './gathered.ts';
import { type Hook, ImportHook, type Kept, type Outcome, PromiseHook, reachable } from './hooks.ts';
import { decodeMessage, disposeHook, encodeMessage, giveResult, type Received } from './values.ts';

export const kCall = 0; // question, kind of target, its number, path, arguments or null
export const kReturn = 1; // question, value
export const kThrow = 2; // question, what was thrown
export const kRelease = 3; // export: the other side has no more references
export const kFinish = 4; // question: nothing more is asked of its answer

// Targets of a call.
export const kMain = 0;
export const kExport = 1;
export const kAnswer = 2;

export interface Port {
  // `isLast`: nothing is left in the tables.
  send(bytes: Uint8Array<ArrayBuffer>, isLast: boolean): void;
  // Nothing is left, after a message.
  idle(): void;
  // Throws where another invocation runs than that of the session.
  requireOwn(): void;
  // A call of the other side threw, of which that will be told.
  threw(error: unknown): void;
  // The other side broke the rules.
  fail(error: unknown): void;
}

export function requireSame(inv: number): void {
  if (native.currentInvocation() === inv) return;
  throw new Error(
    'Cannot perform I/O on behalf of a different request: a stub belongs to the request that got it.',
  );
}

interface Export {
  readonly hook: Hook;
}

// What was asked by the other side, which may call what it comes to.
interface Answer extends Kept {
  readonly promise: Promise<unknown>;
}

interface Pipelined {
  readonly of: Question;
  readonly path: readonly string[];
  readonly args: unknown[] | null;
}

class Question {
  readonly number: number;
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  isSettled = false;
  // Of one about what another will be answered with: asked of that, where the session
  // has ended with the answer.
  readonly pipelined: Pipelined | null;

  constructor(number: number, pipelined: Pipelined | null) {
    this.number = number;
    this.pipelined = pipelined;
    const { promise, resolve, reject } = PromiseWithResolvers<unknown>();
    this.promise = promise;
    this.resolve = resolve;
    this.reject = reject;
  }
}

// A call of an answer that is here: it fails as the other side would have said it.
function ofAnswer(question: Question, path: readonly string[], args: unknown[] | null): Outcome {
  const { promise, hook } = new PromiseHook(question.promise).call(path, args);
  const failing = PromisePrototypeThen(promise, undefined, (error) => {
    throw isObject(error) ? asRemote(error) : error;
  });
  return { promise: failing, hook };
}

// What a question will be answered with: asked of the other side until it is here.
class AnswerHook implements Hook {
  readonly #session: Session;
  readonly #question: Question;

  constructor(session: Session, question: Question) {
    this.#session = session;
    this.#question = question;
  }
  call(path: readonly string[], args: unknown[] | null): Outcome {
    const question = this.#question;
    if (question.isSettled) return ofAnswer(question, path, args);
    // Who calls what is promised hears of its failure by that call.
    PromisePrototypeThen(question.promise, undefined, () => undefined);
    return this.#session.call(kAnswer, question.number, path, args, {
      of: question,
      path,
      args,
    });
  }
  dup(): Hook {
    return this;
  }
  dispose(): void {}
  ownOf(): number {
    return 0;
  }
}

export class Session {
  readonly #port: Port;
  readonly #main: (() => Hook) | null;
  #frames: Frames | null = null; // where pieces are no whole messages
  readonly #exports = new Table<Export>();
  readonly #questions = new Table<Question>();
  readonly #answers = new Table<Answer>();
  #imports = 0;
  #released: number[] | null = null; // held back while an answer is made
  #running = 0; // calls of the other side
  #lastExport = 0;
  #lastQuestion = 0;
  #broken: (() => unknown) | null = null; // makes the error of what is asked behind the end

  // `main` is what the other side calls first; null on the side that calls.
  constructor(port: Port, main: (() => Hook) | null) {
    this.#port = port;
    this.#main = main;
  }

  get isEmpty(): boolean {
    return (
      this.#imports === 0 &&
      this.#running === 0 &&
      this.#exports.size === 0 &&
      this.#questions.size === 0
    );
  }

  call(
    kind: number,
    target: number,
    path: readonly string[],
    args: unknown[] | null,
    pipelined: Pipelined | null = null,
  ): Outcome {
    if (this.#broken !== null) throw this.#broken();
    this.#port.requireOwn();
    const number = ++this.#lastQuestion;
    const bytes = encodeMessage(this, [kCall, number, kind, target, path, args], 'call');
    const question = new Question(number, pipelined);
    this.#questions.set(number, question);
    this.#port.send(bytes, false);
    return { promise: question.promise, hook: new AnswerHook(this, question) };
  }

  // ---- the tables, for values.ts ----
  addExport(hook: Hook): number {
    const number = ++this.#lastExport;
    this.#exports.set(number, { hook });
    return number;
  }
  dropExport(number: number): void {
    const found = this.#exports.get(number);
    if (found === undefined) return;
    this.#exports.delete(number);
    found.hook.dispose();
  }
  // One that was given to the other side and comes back.
  ownExport(number: number): Hook {
    const found = this.#exports.get(number);
    if (found === undefined) throw new TypeError('RPC: an export that is not there');
    return found.hook.dup();
  }
  addImport(number: number): Hook {
    this.#imports++;
    return new ImportHook(this, number);
  }
  releaseImport(number: number): void {
    this.#imports--;
    if (this.#broken !== null) return;
    if (this.#released !== null) {
      this.#released[this.#released.length] = number;
      return;
    }
    this.#port.send(encodeMessage(this, [kRelease, number], 'call'), false);
    this.#idleIfEmpty();
  }

  // ---- from the port ----
  feed(bytes: Uint8Array<ArrayBuffer>): void {
    try {
      const message = this.#frames === null ? wholeMessage(bytes) : null;
      if (message !== null) this.#take(decodeMessage(this, message));
      else {
        this.#frames ??= makeFrames();
        this.#frames.push(bytes, (next) => this.#take(decodeMessage(this, next)));
      }
    } catch (error) {
      this.#port.fail(error);
      return;
    }
    this.#idleIfEmpty();
  }

  // The other side is gone. `inOrder`: it has said all, and so has taken nothing of what it
  // did not answer. `why` makes the error, which most sessions end without.
  break(why: () => unknown, inOrder: boolean): void {
    if (this.#broken !== null) return;
    this.#broken = why;
    this.#questions.each((question) => {
      const { pipelined, resolve, reject } = question;
      if (pipelined === null || !inOrder) reject(why());
      else {
        const { of, path, args } = pipelined;
        resolve(ofAnswer(of, path, args).promise);
      }
    });
    this.#exports.each((entry) => entry.hook.dispose());
    this.#answers.each((answer) => answer.kept?.dispose());
  }

  #idleIfEmpty(): void {
    if (this.#broken === null && this.isEmpty) this.#port.idle();
  }

  #take(received: Received): void {
    const { message } = received;
    const kind = message[0];
    const number = numberOf(message[1]);
    if (kind === kCall) this.#onCall(number, received);
    else if (kind === kReturn || kind === kThrow) this.#onAnswer(number, received);
    else if (kind === kRelease) this.dropExport(number);
    else if (kind === kFinish) this.#forget(number);
    else throw new TypeError('RPC: a message of no known kind');
  }

  #forget(number: number): void {
    const answer = this.#answers.get(number);
    this.#answers.delete(number);
    answer?.kept?.dispose();
  }

  #onCall(number: number, { message, imports }: Received): void {
    const path = pathOf(message[4]);
    const args = message[5];
    if (args !== null && !ArrayIsArray(args)) throw new TypeError('RPC: arguments are no list');
    this.#running++;
    let promise: Promise<unknown>;
    try {
      promise = this.#targetOf(message[2], numberOf(message[3])).call(path, args).promise;
    } catch (error) {
      const { promise: refused, reject } = PromiseWithResolvers<unknown>();
      reject(error);
      promise = refused;
    }
    this.#answers.set(number, { promise, kept: null });
    PromisePrototypeThen(
      promise,
      (value) => this.#answer(kReturn, number, value, imports),
      (error) => {
        this.#port.threw(error);
        this.#answer(kThrow, number, error, imports);
      },
    );
  }

  #targetOf(kind: unknown, number: number): Hook {
    if (kind === kMain && this.#main !== null) return this.#main();
    if (kind === kExport) {
      const found = this.#exports.get(number);
      if (found !== undefined) return found.hook;
    }
    if (kind === kAnswer) {
      const found = this.#answers.get(number);
      if (found !== undefined) return new PromiseHook(found.promise, found);
    }
    throw new TypeError('RPC: a target that is not there');
  }

  #answer(kind: number, number: number, value: unknown, params: Gathered<Hook>): void {
    this.#running--;
    if (this.#broken !== null) return;
    let bytes: Uint8Array<ArrayBuffer>;
    let kept: Hook | null = null;
    try {
      if (kind === kThrow) bytes = this.#encodeThrown(number, value);
      else {
        const stub = reachable.of(value);
        kept = stub === null || stub.path.length > 0 ? null : stub.hook.dup();
        bytes = encodeMessage(this, [kReturn, number, value], 'result', params);
      }
    } catch (error) {
      kept?.dispose();
      kept = null;
      bytes = this.#encodeThrown(number, error);
    }
    // What came with the call is the callee's for as long as that lasts. The answer may
    // name it, so that it goes behind that, or with the session.
    if (params.size === 0 && kept === null) {
      this.#port.send(bytes, this.isEmpty);
      return;
    }
    const released = bareList<number>();
    this.#released = released;
    params.each(disposeHook);
    if (kept !== null) this.#keep(number, kept);
    this.#released = null;
    const isLast = this.isEmpty;
    this.#port.send(bytes, isLast);
    for (let i = 0; i < released.length && !isLast; i++)
      this.#port.send(encodeMessage(this, [kRelease, released[i]], 'call'), false);
  }

  // Where nothing else is left, the other side calls what it was given by itself.
  #keep(number: number, hook: Hook): void {
    const answer = this.#answers.get(number);
    const isAlone =
      this.#imports <= 1 &&
      this.#running === 0 &&
      this.#exports.size === 0 &&
      this.#questions.size === 0;
    if (answer === undefined || isAlone) hook.dispose();
    else answer.kept = hook;
  }

  // What is thrown may throw again when it is looked at.
  #encodeThrown(number: number, error: unknown): Uint8Array<ArrayBuffer> {
    try {
      return encodeMessage(this, [kThrow, number, thrownParts(error)], 'thrown');
    } catch {
      return encodeMessage(this, [kThrow, number, plainParts(error)], 'thrown');
    }
  }

  #onAnswer(number: number, { message, imports }: Received): void {
    const question = this.#questions.get(number);
    if (question === undefined) throw new TypeError('RPC: an answer that nobody waits for');
    this.#questions.delete(number);
    question.isSettled = true;
    if (message[0] === kThrow) question.reject(errorFrom(message[2]));
    else question.resolve(giveResult(message[2], imports));
    if (!this.isEmpty) this.#port.send(encodeMessage(this, [kFinish, number], 'call'), false);
  }
}

function numberOf(value: unknown): number {
  if (!NumberIsInteger(value)) throw new TypeError('RPC: a message without its number');
  return value as number;
}

function pathOf(value: unknown): string[] {
  if (!ArrayIsArray(value)) throw new TypeError('RPC: a call without a path');
  for (let i = 0; i < value.length; i++)
    if (typeof value[i] !== 'string') throw new TypeError('RPC: a path is no list of names');
  return value;
}
