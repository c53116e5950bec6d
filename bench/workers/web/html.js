// HTMLRewriter over 1 MB of HTML: what a proxy does that rewrites links.

let page;
function megabyteOfHtml() {
  if (page) return page;
  const parts = ['<!DOCTYPE html><html><head><title>Shop</title></head><body>'];
  for (let i = 0; parts.length < 4500; i++) {
    parts.push(
      `<article class="card c${i % 7}" id="a${i}"><h2>Thing ${i}</h2>`,
      `<p>Some text about the thing &amp; what it costs: <b>${i}.50</b> a piece.</p>`,
      `<a href="/things/${i}?from=list" title='Thing "${i}"'>more</a><img src="/i/${i}.png" alt>`,
      '<ul><li>red</li><li>green</li><li>blue</li></ul><!-- end of card --></article>\n',
    );
  }
  let text = parts.join('');
  text = text.repeat(Math.ceil((1024 * 1024) / text.length)).slice(0, 1024 * 1024);
  page = new TextEncoder().encode(text);
  return page;
}

async function rewrite(count) {
  const input = megabyteOfHtml();
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const rewriter = new HTMLRewriter()
      .on('a[href]', {
        element(link) {
          link.setAttribute('href', `https://example.com${link.getAttribute('href')}`);
        },
      })
      .on('article.c3 > h2', {
        element(head) {
          head.append(' (new)');
        },
      });
    sum += (await rewriter.transform(new Response(input)).arrayBuffer()).byteLength;
  }
  return sum;
}

export const html = globalThis.HTMLRewriter ? { rewrite } : {};
