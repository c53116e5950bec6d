// The URL code on hostile text. The input's lines are a URL, a base, and values for
// the setters. What the URL Standard says of every URL that there is must hold:
// it serializes to what parses to the same, its parts are those of its href, and its
// query makes the round trip through URLSearchParams.
const setters = 'protocol username password host hostname port pathname search hash href'.split(
  ' ',
);
const parts = [...setters, 'origin'];

function check(held, what) {
  if (!held) throw new Error(what);
}

function checkUrl(url, how) {
  const again = URL.parse(url.href);
  check(again !== null, `${how}: ${url.href} does not parse`);
  for (const part of parts) {
    check(again[part] === url[part], `${how}: ${part} of ${url.href} reads ${again[part]}`);
  }
  const { protocol, username, password, host, hostname, port, pathname, search, hash, href } = url;
  check(/^[\x21-\x7e]*$/.test(href.replaceAll(' ', '')), `${how}: ${href} is not of ASCII`);
  check(host === (port === '' ? hostname : `${hostname}:${port}`), `${how}: host of ${href}`);
  check(search !== '?' && hash !== '#', `${how}: an empty part of ${href} shows`);
  const user = username + (password === '' ? '' : `:${password}`);
  const authority = `//${user === '' ? '' : `${user}@`}${host}`;
  const rest = pathname + search + hash;
  const unhashed = hash === '' ? href.replace(/#$/, '') : href;
  const plain = search === '' ? unhashed.replace(/\?(?=#|$)/, '') : unhashed;
  const built = [
    protocol + authority + rest,
    protocol + rest,
    // A path that begins with two slashes, of a URL without a host.
    `${protocol}/.${rest}`,
  ];
  check(built.includes(plain) || built.includes(href), `${how}: ${href} is not its parts`);
  check(URL.canParse(href), `${how}: canParse(${href})`);
}

function checkParams(url) {
  const { searchParams } = url;
  const text = searchParams.toString();
  const again = new URLSearchParams(text);
  check(`${again}` === text, `parameters ${text} read ${again}`);
  check(again.size === searchParams.size, `there are ${again.size} parameters in ${text}`);
  const names = [...searchParams.keys()];
  for (const name of names) {
    check(again.has(name), `no parameter ${name} in ${text}`);
    check(again.getAll(name).join() === searchParams.getAll(name).join(), `values of ${name}`);
  }
  searchParams.append('a b', '&=+%\u{1f600}');
  checkUrl(url, 'append');
  check(url.searchParams.getAll('a b').includes('&=+%\u{1f600}'), `append to ${url.href}`);
  searchParams.sort();
  checkUrl(url, 'sort');
  for (const name of [...names, 'a b']) searchParams.delete(name);
  check(searchParams.size === 0 && url.search === '', `nothing is left of ${url.href}`);
}

function checkText([text, base, ...values]) {
  const url = URL.parse(text) ?? URL.parse(text, base);
  if (url === null) {
    check(!URL.canParse(text) && !URL.canParse(text, base), `canParse(${text}, ${base})`);
    return;
  }
  checkUrl(url, 'parse');
  const wasFile = url.protocol === 'file:';
  for (let i = 0; i < values.length && i < 16; i++) {
    const part = setters[i % setters.length];
    try {
      url[part] = values[i];
    } catch (error) {
      check(part === 'href' && error instanceof TypeError, `${part} = ${values[i]}: ${error}`);
    }
    // The setter of `protocol` keeps a host and a path that no parser gives to a file:
    // "localhost", and a drive with a bar (URL Standard, scheme state).
    if (!wasFile && url.protocol === 'file:') return;
    checkUrl(url, `${part} = ${values[i]}`);
  }
  checkParams(url);
}

// Patterns may refuse what they do not like with a TypeError, and match what they say.
function checkPattern([pattern, text]) {
  let made;
  try {
    made = new URLPattern(pattern, 'https://a.test/b/');
  } catch (error) {
    check(error instanceof TypeError, `pattern ${pattern}: ${error}`);
    return;
  }
  // Many wildcards, or expressions, can keep V8 busy with a short text for hours.
  const isPlain = !/[({]/.test(pattern) && (pattern.match(/[*:+?]/g) ?? []).length < 3;
  if (!isPlain || !URL.canParse(text)) return;
  check(made.test(text) === (made.exec(text) !== null), `${pattern} of ${text}`);
}

export default {
  async fetch(request) {
    try {
      // The platform's own text of the target, which it need not have parsed.
      if (URL.canParse(request.url)) {
        check(new URL(request.url).href === request.url, `request.url is ${request.url}`);
      }
      const bytes = new Uint8Array(await request.arrayBuffer());
      const lines = new TextDecoder().decode(bytes).split('\n');
      checkText(lines);
      checkPattern(lines);
      return new Response('well');
    } catch (error) {
      return new Response(`${error.stack}`, { status: 500 });
    }
  },
};
