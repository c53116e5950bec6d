// Documents that go through HTMLRewriter, and what handlers saw of them. The same
// module runs in Caravel and in workerd: see html_rewriter.e2e.ts.

const at = (selector, method, ...args) => ({
  html: '0<p class="a b">1<b>2</b>3</p>4<br>5<p>6',
  build: (rewriter) => rewriter.on(selector, { element: (e) => void e[method](...args) }),
});
const twice = (selector, method) => ({
  html: '0<p>1</p>2<br>3',
  build: (rewriter) =>
    rewriter.on(selector, { element: (e) => void e[method]('<x>')[method]('<y>', { html: true }) }),
});
const matching = (selector) => ({
  html: '<div id=a class="x y"><p id=b>1<img id=c src="/A.png"></p><p id=d lang=en-GB><b id=e><i id=f></i></b></p><p id=g data-n=""></p></div><p id=h class=Y>',
  build: (rewriter, seen) =>
    rewriter.on(selector, { element: (e) => void seen.push(e.getAttribute('id')) }),
});
const watching = (html, selector = '*') => ({
  html,
  build: (rewriter, seen) => {
    const note = (kind, of) => (token) => void seen.push([kind, ...of(token)]);
    return rewriter
      .onDocument({
        doctype: note('doctype', (d) => [d.name, d.publicId, d.systemId]),
        comments: note('document comment', (c) => [c.text]),
        end: note('end', () => []),
      })
      .on(selector, {
        element: note('element', (e) => [e.tagName, e.namespaceURI, [...e.attributes]]),
        comments: note('comment', (c) => [c.text]),
      });
  },
});
// Joins a text's pieces, which may be cut anywhere.
const texts = (html, selector) => ({
  html,
  build: (rewriter, seen) => {
    let text = '';
    return rewriter.on(selector, {
      text(piece) {
        text += piece.text;
        if (piece.lastInTextNode) {
          seen.push(text);
          text = '';
        }
      },
    });
  },
});
const handling = (html, build, type) => ({ html, build, type });
const refusing = (run) => ({
  html: '<p>1</p>',
  build: (rewriter, seen) =>
    rewriter.on('p', {
      element(element) {
        try {
          run(element);
          seen.push('taken');
        } catch (error) {
          seen.push(error.name);
        }
      },
    }),
});
const selecting = (selector) => ({
  html: '',
  build: (rewriter, seen) => {
    try {
      rewriter.on(selector, {});
      seen.push('taken');
    } catch {
      seen.push('refused');
    }
    return rewriter;
  },
});

const stream = (text) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });

export const cases = {
  before: at('p', 'before', '<x>'),
  'before as html': at('p', 'before', '<x>', { html: true }),
  after: at('p', 'after', '<x>'),
  prepend: at('p', 'prepend', '<x>', { html: true }),
  append: at('p', 'append', '<x>&"'),
  replace: at('p, br', 'replace', '<x>'),
  setInnerContent: at('p, br', 'setInnerContent', '<x>'),
  remove: at('b, br', 'remove'),
  removeAndKeepContent: at('p, br', 'removeAndKeepContent'),
  'before twice': twice('p, br', 'before'),
  'after twice': twice('p, br', 'after'),
  'prepend twice': twice('p, br', 'prepend'),
  'append twice': twice('p, br', 'append'),
  'replace twice': twice('p, br', 'replace'),
  'setInnerContent twice': twice('p, br', 'setInnerContent'),
  'all together': handling('0<p>1</p>2', (rewriter) =>
    rewriter.on('p', {
      element(e) {
        e.append('a').prepend('b').before('c').after('d').setInnerContent('e').append('f');
        e.prepend('g').setAttribute('h', 'i');
      },
    }),
  ),
  'inside what is removed': handling('0<p>1<b>2</b></p>3', (rewriter, seen) =>
    rewriter.on('p', { element: (e) => void e.remove() }).on('b', {
      element: (e) => void (seen.push(e.removed), e.before('x'), e.after('y')),
      text: (t) => void seen.push(t.text),
    }),
  ),
  attributes: handling('<A B=\'c\' d=e  F g="h&amp;i" B=j />k</A >', (rewriter, seen) =>
    rewriter.on('a', {
      element(e) {
        seen.push([...e.attributes], e.getAttribute('b'), e.getAttribute('D'), e.getAttribute('x'));
        seen.push(e.hasAttribute('f'), e.hasAttribute('z'));
        e.setAttribute('d', '<">&').setAttribute('New', '').removeAttribute('F');
        seen.push([...e.attributes]);
      },
    }),
  ),
  'tag name': handling('<a b="c">d</a><br/>', (rewriter, seen) =>
    rewriter.on('a, br', {
      element(e) {
        seen.push(e.tagName);
        e.tagName = 'X-y';
        seen.push(e.tagName);
      },
    }),
  ),
  'end tags': handling('<p>1<b>2</b></P><i>3', (rewriter, seen) =>
    rewriter.on('p, b, i', {
      element(e) {
        e.onEndTag((end) => {
          seen.push(end.name);
          end.before('x').after('y');
          if (end.name === 'b') end.name = 'q';
        });
        e.onEndTag((end) => void (end.name === 'p' && end.remove()));
      },
    }),
  ),
  'texts changed': handling('<p>a &amp; b</p>c', (rewriter) =>
    rewriter.on('p', {
      text(t) {
        if (t.lastInTextNode) t.before('<').after('>', { html: true });
        else t.replace(t.text.toUpperCase(), { html: true });
      },
    }),
  ),
  'comments changed': handling('<p><!--a--><!--b--><!--c--></p>', (rewriter) =>
    rewriter.on('p', {
      comments(c) {
        if (c.text === 'a') c.text = 'x';
        else if (c.text === 'b') c.before('1').after('2').remove();
        else c.replace('<r>', { html: true });
      },
    }),
  ),
  'the end': handling('<p>1', (rewriter) =>
    rewriter.onDocument({ end: (end) => void end.append('<x>').append('<y>', { html: true }) }),
  ),
  'async handlers': handling('<p>1</p><p>2</p>', (rewriter, seen) =>
    rewriter
      .on('p', {
        async element(e) {
          seen.push('first');
          await scheduler.wait(1);
          e.setAttribute('a', '1');
        },
      })
      .on('p', { element: (e) => void seen.push(e.getAttribute('a')) }),
  ),
  streams: handling('0<p>1</p>2', (rewriter) =>
    rewriter.on('p', {
      element: (e) =>
        void e
          .before(stream('<x>'))
          .append(stream('<y>'), { html: true })
          .after(new Response('<z>'), { html: true }),
    }),
  ),
  order: handling('<p>1<!--2--></p>', (rewriter, seen) =>
    rewriter
      .on('p', { text: () => void seen.push('a'), comments: () => void seen.push('a') })
      .onDocument({ text: () => void seen.push('b'), comments: () => void seen.push('b') })
      .on('*', { text: () => void seen.push('c'), comments: () => void seen.push('c') }),
  ),
  'a latin-1 document': handling(
    new Uint8Array([0x3c, 0x70, 0x3e, 0xe4, 0x3c, 0x2f, 0x70, 0x3e]),
    (rewriter, seen) => rewriter.on('p', { text: (t) => void seen.push(t.text) }),
    'text/html; charset=iso-8859-1',
  ),
  'a doctype': watching('<!DOCTYPE html PUBLIC "-//W3C//DTD" \'about:x\'><!-- a --><p>b<!--c-->'),
  'a short doctype': watching('<!doctype Html><!doctype><!DOCTYPE a system "b">'),
  'odd comments': watching('<!--><!---><!----!>--><!-- a --!>b<!x></ y><?z?>', 'none'),
  'svg and math': watching(
    '<svg viewBox="0 0"><foreignObject><p>1</p></foreignObject><path/><title><b></b></title><g/></svg><math><mi><p>2</p></mi></math><p>',
  ),
  'html in svg': watching('<svg><g><div>1</div><font></font><font size=1></font></svg>'),
  'raw texts': watching(
    '<title><a></title><textarea><b></textarea><style><c></style><script>"<d>"</script><xmp><e></xmp><iframe><f></iframe><noscript><g></noscript><noframes><h></noframes><noembed><i></noembed>',
  ),
  'hidden end tags': watching('<script><!--<script></script><a>--></script><b></b>'),
  plaintext: watching('<plaintext><a></plaintext>'),
  'attributes of odd shape': watching('<a =b c= d e="f"g h=\'i\'/ j/k=l/>'),
  'tags cut short': watching('<p><a b="c'),
  texts: texts('0<p>1 < 2<b>3</b>4<!-- -->5<br>6</p>7', 'p'),
  'texts in characters': texts('<p>\u00e4\ud83d\ude00\ud83d</p>', 'p'),
  'texts of a script': texts('<script>a<b</script>', 'script'),
  'texts of cdata': texts('<svg><![CDATA[a<b]]></svg>', 'svg'),
  'bad tag name': refusing((e) => {
    e.tagName = 'a b';
  }),
  'empty tag name': refusing((e) => {
    e.tagName = '';
  }),
  'bad attribute name': refusing((e) => e.setAttribute('a=b', '')),
  'end tag of a void element': handling('<br>', (rewriter, seen) =>
    rewriter.on('br', {
      element(e) {
        try {
          e.onEndTag(() => {});
          seen.push('taken');
        } catch (error) {
          seen.push(error.name);
        }
      },
    }),
  ),
  'a token that is over': handling('<p>1</p>', (rewriter, seen) => {
    let kept;
    return rewriter.on('p', {
      element: (e) => {
        kept = e;
      },
      text() {
        try {
          kept.tagName;
        } catch (error) {
          seen.push(error.name);
        }
      },
    });
  }),
  'an error': handling('<p>1</p>', (rewriter) =>
    rewriter.on('p', {
      element() {
        throw new RangeError('mine');
      },
    }),
  ),
};
for (const selector of [
  '*',
  'P',
  '.y',
  'div.x.y#a',
  '#e, #b, img',
  '[SRC]',
  '[data-n]',
  "[data-n='']",
  '[class=y i]',
  '[class=y s]',
  '[class~=y]',
  '[src^="/"][src$=".png"][src*=A]',
  '[lang|=en]',
  'div p',
  'div > p',
  'div i',
  'p > *',
  'div > :first-child',
  'p:nth-child(2)',
  'div > p:nth-child(odd)',
  'div > p:nth-child(-n+2)',
  'p:first-of-type',
  'p:nth-of-type(2n)',
  'p:not([lang])',
  ':not(p)',
])
  cases[`selector ${selector}`] = matching(selector);
for (const selector of ['', 'a + b', 'a ~ b', 'a:hover', 'a::before', 'a,', 'a:last-child', 'a >'])
  cases[`refused selector ${selector}`] = selecting(selector);

async function run({ html, build, type = 'text/html' }, step) {
  const seen = [];
  const bytes = typeof html === 'string' ? new TextEncoder().encode(html) : html;
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const write = async () => {
    for (let at = 0; at < bytes.length; at += step) await writer.write(bytes.slice(at, at + step));
    await writer.close();
  };
  const response = new Response(readable, { headers: { 'content-type': type } });
  try {
    const transformed = build(new HTMLRewriter(), seen).transform(response);
    write().catch(() => {});
    const out = [...new Uint8Array(await transformed.arrayBuffer())];
    return { out: String.fromCharCode(...out), seen };
  } catch (error) {
    return { error: `${error}`, seen };
  }
}

export default {
  async fetch(request) {
    const step = Number(new URL(request.url).searchParams.get('step'));
    const results = {};
    for (const [name, each] of Object.entries(cases)) results[name] = await run(each, step);
    return Response.json(results);
  },
};
