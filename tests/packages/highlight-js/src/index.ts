import hljs from 'highlight.js/lib/core';
import cpp from 'highlight.js/lib/languages/cpp';
import javascript from 'highlight.js/lib/languages/javascript';
import python from 'highlight.js/lib/languages/python';

hljs.registerLanguage('cpp', cpp);
hljs.registerLanguage('javascript', javascript);
hljs.registerLanguage('python', python);

export default {
  async fetch(request: Request) {
    const language = new URL(request.url).searchParams.get('language');
    const code = await request.text();
    const {
      value,
      language: found,
      relevance,
    } = language ? hljs.highlight(code, { language }) : hljs.highlightAuto(code);
    return Response.json({ value, language: found, relevance });
  },
};
