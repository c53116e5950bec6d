// Does the operation that the path names so many times: /NAME/COUNT. The answer is
// what the operation made, so that every runtime can be seen to do the same.
import { body } from './body.js';
import { bytes } from './bytes.js';
import { html } from './html.js';
import { node } from './node.js';
import { ssr } from './ssr.js';
import { values } from './values.js';

const operations = {
  empty: () => 0,
  ...values,
  ...body,
  ...bytes,
  ...html,
  ...node,
  ...ssr,
};

export default {
  async fetch(request) {
    const [, name, count] = new URL(request.url).pathname.split('/');
    const operation = operations[name];
    if (!operation) return new Response('ready');
    try {
      return new Response(`${await operation(Number(count))}`);
    } catch (error) {
      return new Response(`${error.stack ?? error}`, { status: 500 });
    }
  },
};
