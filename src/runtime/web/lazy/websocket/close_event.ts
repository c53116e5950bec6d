// CloseEvent, WebSockets Standard §6.
import { Event } from '../../events.ts';
import { defineInterface, requireArguments, toDictionary, toUSVString } from '../../webidl.ts';

interface CloseEventInit {
  code: unknown;
  reason: unknown;
  wasClean: unknown;
}

export class CloseEvent extends Event {
  readonly #code: number;
  readonly #reason: string;
  readonly #wasClean: boolean;

  constructor(type: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'CloseEvent');
    super(type, init);
    const { code, reason, wasClean } = toDictionary<CloseEventInit>(init, 'CloseEvent');
    this.#code = code === undefined ? 0 : +(code as number) & 0xffff;
    this.#reason = reason === undefined ? '' : toUSVString(reason);
    this.#wasClean = !!wasClean;
  }

  get code(): number {
    return this.#code;
  }
  get reason(): string {
    return this.#reason;
  }
  get wasClean(): boolean {
    return this.#wasClean;
  }
}
defineInterface(CloseEvent, 'CloseEvent');
