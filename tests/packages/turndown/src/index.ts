import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';

const turndown = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced' });
turndown.addRule('strike', { filter: ['del', 's'], replacement: (content) => `~~${content}~~` });
turndown.keep(['sup']);

export default {
  async fetch(request: Request) {
    // Workers have no DOM; what turndown takes apart may be another's.
    const { document } = parseHTML(`<html><body>${await request.text()}</body></html>`);
    return new Response(turndown.turndown(document.body));
  },
};
