import rust from '@shikijs/langs/rust';
import typescript from '@shikijs/langs/typescript';
import nord from '@shikijs/themes/nord';
import { createHighlighterCore, createOnigurumaEngine } from 'shiki';

// Oniguruma in WebAssembly, as a module of the Worker.
const highlighter = createHighlighterCore({
  themes: [nord],
  langs: [typescript, rust],
  engine: createOnigurumaEngine(import('shiki/onig.wasm')),
});

export default {
  async fetch(request: Request) {
    const lang = new URL(request.url).searchParams.get('lang') ?? 'typescript';
    const { codeToHtml, codeToTokensBase } = await highlighter;
    const code = await request.text();
    return Response.json({
      html: codeToHtml(code, { lang, theme: 'nord' }),
      tokens: codeToTokensBase(code, { lang, theme: 'nord' })[0]?.map(({ content }) => content),
    });
  },
};
