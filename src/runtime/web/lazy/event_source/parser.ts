// A stream of events, taken apart: HTML §9.2.5 and §9.2.6.
import {
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} from '../../primordials.ts';

export interface Receiver {
  event(type: string, data: string, lastEventId: string): void;
  retry(milliseconds: number): void;
}

const lineEnd = /[\r\n]/;
const digits = /^[0-9]+$/;

export class EventParser {
  readonly #receiver: Receiver;
  readonly #decoder = native.decoderNew('utf-8', false, false);
  #rest = ''; // of a line whose end has not come
  #skipLf = false; // the last line ended in CR: a LF is part of that end
  #type = '';
  #data: string | null = null;
  #lastEventId = '';

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  take(bytes: Uint8Array): void {
    let text = this.#decoder.decode(bytes, true);
    if (text === '') return;
    if (this.#skipLf) {
      this.#skipLf = false;
      if (StringPrototypeStartsWith(text, '\n')) text = StringPrototypeSlice(text, 1);
    }
    // Only what is new is searched: a line in many pieces is put together once.
    for (;;) {
      const end = RegExpPrototypeExec(lineEnd, text) as { index: number } | null;
      if (end === null) {
        this.#rest += text;
        return;
      }
      const line = this.#rest + StringPrototypeSlice(text, 0, end.index);
      this.#rest = '';
      let next = end.index + 1;
      if (text[end.index] === '\r') {
        if (next === text.length) this.#skipLf = true;
        else if (text[next] === '\n') next++;
      }
      text = StringPrototypeSlice(text, next);
      this.#line(line);
    }
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = StringPrototypeIndexOf(line, ':');
    if (colon === 0) return; // a comment
    const field = colon < 0 ? line : StringPrototypeSlice(line, 0, colon);
    let value = colon < 0 ? '' : StringPrototypeSlice(line, colon + 1);
    if (StringPrototypeStartsWith(value, ' ')) value = StringPrototypeSlice(value, 1);
    if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    else if (field === 'id') {
      if (StringPrototypeIndexOf(value, '\0') < 0) this.#lastEventId = value;
    } else if (field === 'retry' && RegExpPrototypeExec(digits, value) !== null) {
      this.#receiver.retry(+value);
    }
  }

  #dispatch(): void {
    const [type, data] = [this.#type, this.#data];
    this.#type = '';
    this.#data = null;
    if (data === null) this.#receiver.event('', '', this.#lastEventId);
    else this.#receiver.event(type === '' ? 'message' : type, data, this.#lastEventId);
  }
}
