// Passes requests on to another site and changes words in its pages while they stream
// through: a page is never held whole.
interface Env {
  readonly ORIGIN: string;
}

/** Replaces words in the text of a page, not in its markup, scripts and styles. */
class Words implements RewriterHandlers {
  #text = '';
  #isCode = false;

  element(code: RewriterElement) {
    this.#isCode = true;
    code.onEndTag(() => {
      this.#isCode = false;
    });
  }

  // A text arrives in pieces, whose ends may cut a word in two.
  text(piece: RewriterText) {
    if (this.#isCode) return;
    this.#text += piece.text;
    if (!piece.lastInTextNode) {
      piece.remove();
      return;
    }
    // It is as the page has it, with its entities.
    piece.replace(this.#text.replaceAll('horse', 'camel'), { html: true });
    this.#text = '';
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const answer = await fetch(env.ORIGIN + pathname + search);
    if (!answer.headers.get('content-type')?.startsWith('text/html')) return answer;
    const words = new Words();
    const code = { element: (element: RewriterElement) => words.element(element) };
    return new HTMLRewriter()
      .on('script', code)
      .on('style', code)
      .on('a[href]', {
        element(link) {
          const href = link.getAttribute('href') ?? '';
          if (href.startsWith(`${env.ORIGIN}/`))
            link.setAttribute('href', href.slice(env.ORIGIN.length));
        },
      })
      .onDocument({ text: (piece) => words.text(piece) })
      .transform(answer);
  },
};
