// Load at a steady rate: requests leave at their times, however late answers
// are, so that a pause of the server shows as what its clients would feel.
import { Agent } from 'node:http';
import { type Answer, type Ask, ask } from './http.ts';

/** One request: its answer's mark, or why there was none. Times are of performance.now(). */
export interface Sample {
  /** In the order of sending, from 0. */
  readonly number: number;
  readonly sentAt: number;
  readonly endedAt: number;
  readonly mark?: string;
  readonly failure?: string;
}

export interface LoadOptions {
  readonly url: string;
  /** Of each request; or made for each from its number, which is the order of sending. */
  readonly ask?: Ask | ((number: number) => Ask);
  /** What is kept of an answer: its text, unless said. */
  readonly mark?: (answer: Answer) => string;
  readonly perSecond: number;
  /** False opens a connection for each request. */
  readonly keepAlive?: boolean;
}

export class Load {
  readonly samples: Sample[] = [];
  readonly #agent: Agent;
  readonly #options: LoadOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();
  readonly #started = performance.now();
  #sent = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: options.keepAlive ?? true, maxSockets: 256 });
    this.#timer = setInterval(() => this.#sendWhatIsDue(), 1);
  }

  /** Sends no more and waits for what is under way. */
  async stop(): Promise<readonly Sample[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
    return this.samples;
  }

  get failures(): readonly Sample[] {
    return this.samples.filter(({ failure }) => failure !== undefined);
  }

  #sendWhatIsDue() {
    const due = ((performance.now() - this.#started) / 1000) * this.#options.perSecond;
    for (; this.#sent < due; this.#sent++) {
      const sending = this.#sendOne(this.#sent).finally(() => this.#open.delete(sending));
      this.#open.add(sending);
    }
  }

  async #sendOne(number: number) {
    const { url, mark = ({ text }: Answer) => text } = this.#options;
    const own =
      typeof this.#options.ask === 'function' ? this.#options.ask(number) : this.#options.ask;
    const sentAt = performance.now();
    try {
      const answer = await ask(url, { agent: this.#agent, ...own });
      this.samples.push({ number, sentAt, endedAt: performance.now(), mark: mark(answer) });
    } catch (error) {
      this.samples.push({ number, sentAt, endedAt: performance.now(), failure: `${error}` });
    }
  }
}
