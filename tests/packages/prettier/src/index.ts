import * as babel from 'prettier/plugins/babel';
import * as estree from 'prettier/plugins/estree';
import * as markdown from 'prettier/plugins/markdown';
import * as postcss from 'prettier/plugins/postcss';
import { format } from 'prettier/standalone';

export default {
  async fetch(request: Request) {
    const parser = new URL(request.url).pathname.slice(1);
    try {
      const plugins = [babel, estree, markdown, postcss];
      return new Response(
        await format(await request.text(), { parser, plugins, singleQuote: true }),
      );
    } catch (error) {
      return new Response((error as Error).message, { status: 400 });
    }
  },
};
