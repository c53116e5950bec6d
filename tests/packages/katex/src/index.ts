import katex from 'katex';

export default {
  async fetch(request: Request) {
    const formula = await request.text();
    try {
      const options = { displayMode: true, macros: { '\\RR': '\\mathbb{R}' } };
      return new Response(katex.renderToString(formula, { ...options, output: 'mathml' }));
    } catch (error) {
      if (!(error instanceof katex.ParseError)) throw error;
      return new Response(`${error.position}: ${error.rawMessage}`, { status: 400 });
    }
  },
};
