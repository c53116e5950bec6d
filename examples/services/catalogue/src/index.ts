// A service that other Workers call by RPC: methods of a class, as if it were theirs.
import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';

export interface Book {
  readonly title: string;
  readonly cents: number;
}

const books: readonly Book[] = [
  { title: 'Dune', cents: 1250 },
  { title: 'Emma', cents: 800 },
  { title: 'Solaris', cents: 1100 },
];

/** Stays here; who asked for it has a stub. */
class Basket extends RpcTarget {
  #cents = 0;

  add(title: string, count = 1): this {
    const book = books.find((each) => each.title === title);
    if (!book) throw new RangeError(`no such book: ${title}`);
    this.#cents += count * book.cents;
    return this;
  }
  total(): number {
    return this.#cents;
  }
}

export default class Catalogue extends WorkerEntrypoint {
  find(text: string): Book[] {
    return books.filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()));
  }

  /** Lines of CSV, each made when the reader has room for it. */
  csv(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    const lines = ['title,cents', ...books.map(({ title, cents }) => `${title},${cents}`)];
    const rest = lines.values();
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        const { value, done } = rest.next();
        if (done) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else {
          controller.enqueue(encoder.encode(`${value}\n`));
        }
      },
    });
  }

  basket(): Basket {
    return new Basket();
  }

  /** Calls `tell`, a function of the caller, at each step. */
  async order(title: string, tell: (step: string) => unknown): Promise<{ readonly cents: number }> {
    await tell(`looking for ${title}`);
    const book = books.find((each) => each.title === title);
    if (!book) throw new RangeError(`no such book: ${title}`);
    await tell('packing');
    await scheduler.wait(20);
    await tell('on its way');
    return { cents: book.cents };
  }
}
