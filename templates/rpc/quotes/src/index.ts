import { WorkerEntrypoint } from 'cloudflare:workers';

export interface Quote {
  readonly text: string;
  readonly by: string;
}

const quotes: readonly Quote[] = [
  { text: 'Full fathom five thy father lies.', by: 'William Shakespeare, The Tempest' },
  { text: 'The sea is everything.', by: 'Jules Verne, Twenty Thousand Leagues' },
  { text: 'Call me Ishmael.', by: 'Herman Melville, Moby-Dick' },
];

/** Its public methods are what other Workers can call. */
export class Quotes extends WorkerEntrypoint {
  random(): Quote {
    const index = Math.floor(Math.random() * quotes.length);
    return quotes[index] as Quote;
  }

  find(text: string): Quote[] {
    return quotes.filter((quote) => quote.text.toLowerCase().includes(text.toLowerCase()));
  }
}

export default {
  fetch: () => new Response('call the entrypoint Quotes\n', { status: 404 }),
};
